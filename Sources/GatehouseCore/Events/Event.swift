import GatehouseEncoding

/// Something that happened and changed the state, or tried to: who, what, to whom, when, whence.
///
/// It is appended in the transaction that makes the change, so there is no change without its
/// event and no event without its change. Audit, webhooks, the live view and analytics read them.
package struct Event: Sendable, Identified {
    package typealias ID = Identifier<Event>
    package static let identifierPrefix = "evt"

    package let kind: Kind
    package let actor: Actor
    /// The record that it happened to.
    package let subject: String?
    /// What else is worth knowing; never a secret, a password or an address of a person.
    package let detail: [(name: StaticString, value: String)]

    package init(
        _ kind: Kind, by actor: Actor, of subject: String? = nil,
        detail: [(name: StaticString, value: String)] = []
    ) {
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.detail = detail
    }

    /// Who did it.
    package enum Actor: Sendable, Hashable {
        case user(User.ID)
        case client(Client.ID)
        /// Whoever has a key by which the installation, or a tenant, is administered.
        case administratorKey(AdministratorKey.ID)
        /// Whoever has the machine's shell.
        case operatorAtShell
        /// Somebody who has not signed in.
        case anonymous
        case system

        package var text: String {
            switch self {
            case .user(let id): id.text
            case .client(let id): id.text
            case .administratorKey(let id): id.text
            case .operatorAtShell: "operator"
            case .anonymous: "anonymous"
            case .system: "system"
            }
        }
    }

    /// What happened: the subject's noun, a dot, a verb in the past.
    package enum Kind: String, Sendable, CaseIterable {
        case tenantCreated = "tenant.created"
        case tenantUpdated = "tenant.updated"
        case tenantLogoChanged = "tenant.logo_changed"
        case tenantDeleted = "tenant.deleted"
        case limitChanged = "tenant.limit_changed"
        case domainAdded = "tenant.domain_added"
        case domainVerified = "tenant.domain_verified"
        case domainRemoved = "tenant.domain_removed"
        case domainLapsed = "tenant.domain_lapsed"
        case userCreated = "user.created"
        case userUpdated = "user.updated"
        case userDeleted = "user.deleted"
        case passwordChanged = "user.password_changed"
        case userSignedOut = "user.signed_out"
        case clientCreated = "client.created"
        case clientUpdated = "client.updated"
        case clientDeleted = "client.deleted"
        case clientLogoChanged = "client.logo_changed"
        case clientLogoUnavailable = "client.logo_unavailable"
        case clientSecretAdded = "client_secret.added"
        case clientSecretRemoved = "client_secret.removed"
        case resourceCreated = "resource.created"
        case resourceUpdated = "resource.updated"
        case resourceDeleted = "resource.deleted"
        case keyRotated = "signing_key.rotated"
        case keyDeleted = "signing_key.deleted"
        case signedIn = "session.signed_in"
        case signInFailed = "session.sign_in_failed"
        case signedOut = "session.signed_out"
        case grantCreated = "grant.created"
        case grantRevoked = "grant.revoked"
        case codeRedeemed = "authorization_code.redeemed"
        case codeReused = "authorization_code.reused"
        case codeRefused = "authorization_code.refused"
        case tokenRefreshed = "refresh_token.used"
        case refreshTokenReused = "refresh_token.reused"
        case refreshTokenRefused = "refresh_token.refused"
        case tokenIssued = "access_token.issued"
        case tokenRevoked = "access_token.revoked"
        case adminLinkIssued = "admin_link.issued"
        case adminLinkUsed = "admin_link.used"
        case limitExceeded = "limit.exceeded"
        case clientAssertionReused = "client_assertion.reused"
        case clientKeysUnavailable = "client_keys.unavailable"
        case deviceAuthorizationBegun = "device_authorization.begun"
        case deviceAuthorizationAllowed = "device_authorization.allowed"
        case deviceAuthorizationDenied = "device_authorization.denied"
        case deviceAuthorizationRedeemed = "device_authorization.redeemed"
        case deviceAuthorizationRefused = "device_authorization.refused"
        case registrationPolicyChanged = "tenant.registration_policy_changed"
        case initialAccessTokenCreated = "initial_access_token.created"
        case initialAccessTokenDeleted = "initial_access_token.deleted"
        case metadataDocumentUnavailable = "metadata_document.unavailable"
        case exchangePolicyCreated = "exchange_policy.created"
        case exchangePolicyDeleted = "exchange_policy.deleted"
        case tokenExchanged = "access_token.exchanged"
        case tokenExchangeRefused = "access_token.exchange_refused"
        case trustedIssuerCreated = "trusted_issuer.created"
        case trustedIssuerUpdated = "trusted_issuer.updated"
        case trustedIssuerDeleted = "trusted_issuer.deleted"
        case trustedSubjectLinked = "trusted_subject.linked"
        case trustedSubjectUnlinked = "trusted_subject.unlinked"
        case trustedIssuerKeysUnavailable = "trusted_issuer_keys.unavailable"
        case assertionAccepted = "grant_assertion.accepted"
        case assertionRefused = "grant_assertion.refused"
        case assertionReused = "grant_assertion.reused"
        case backchannelBegun = "backchannel_authentication.begun"
        case backchannelAllowed = "backchannel_authentication.allowed"
        case backchannelDenied = "backchannel_authentication.denied"
        case backchannelRedeemed = "backchannel_authentication.redeemed"
        case backchannelRefused = "backchannel_authentication.refused"
        case backchannelPinged = "backchannel_authentication.pinged"
        case backchannelPingFailed = "backchannel_authentication.ping_failed"
        case consentGiven = "consent.given"
        case consentDenied = "consent.denied"
        case consentRevoked = "consent.revoked"
        case administratorSet = "administrator.set"
        case administratorRemoved = "administrator.removed"
        case administratorKeyCreated = "administrator_key.created"
        case administratorKeyRevoked = "administrator_key.revoked"
        case apiKeyCreated = "api_key.created"
        case apiKeyRevoked = "api_key.revoked"
        case logoutDelivered = "logout.delivered"
        case logoutFailed = "logout.failed"
        case organizationCreated = "organization.created"
        case organizationUpdated = "organization.updated"
        case organizationLogoChanged = "organization.logo_changed"
        case organizationSuspended = "organization.suspended"
        case organizationActivated = "organization.activated"
        case organizationDeletionBegun = "organization.deletion_begun"
        case organizationRestored = "organization.restored"
        case organizationDeleted = "organization.deleted"
        case organizationDomainAdded = "organization.domain_added"
        case organizationDomainVerified = "organization.domain_verified"
        case organizationDomainUpdated = "organization.domain_updated"
        case organizationDomainRemoved = "organization.domain_removed"
        case organizationDomainLapsed = "organization.domain_lapsed"
        case organizationRoleCreated = "organization_role.created"
        case organizationRoleUpdated = "organization_role.updated"
        case organizationRoleDeleted = "organization_role.deleted"
        case membershipCreated = "membership.created"
        case membershipUpdated = "membership.updated"
        case membershipSuspended = "membership.suspended"
        case membershipActivated = "membership.activated"
        case membershipDeleted = "membership.deleted"
        case tokenOutgrown = "access_token.outgrown"
        case tokenOutgrowthForeseen = "access_token.outgrowth_foreseen"
        case organizationGroupCreated = "organization_group.created"
        case organizationGroupUpdated = "organization_group.updated"
        case organizationGroupDeleted = "organization_group.deleted"
        case organizationGroupMemberAdded = "organization_group.member_added"
        case organizationGroupMemberRemoved = "organization_group.member_removed"
        case invitationCreated = "invitation.created"
        case invitationResent = "invitation.resent"
        case invitationRevoked = "invitation.revoked"
        case invitationSent = "invitation.letter_sent"
        case invitationLetterFailed = "invitation.letter_failed"
        case invitationAccepted = "invitation.accepted"
        case auditExported = "audit_trail.exported"
        case auditAltered = "audit_trail.altered"
        case configurationMarked = "configuration.marked"
        case configurationUnmarked = "configuration.unmarked"
    }
}
