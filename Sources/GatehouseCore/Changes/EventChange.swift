private import GatehouseProtocol
private import GatehouseSQL

extension Event.Kind {
    /// What becomes of tokens that were issued before; nil if they go on saying what is true.
    ///
    /// The one place that decides it: whoever adds an event says here what it does to tokens. Some
    /// kinds do something only sometimes, such as when a user was disabled and not renamed.
    var change: AccessChange.Kind? {
        switch self {
        case .tenantUpdated, .registrationPolicyChanged: .tenant
        case .userUpdated, .userDeleted, .passwordChanged, .userSignedOut: .user
        case .clientUpdated, .clientDeleted: .client
        case .resourceUpdated, .resourceDeleted: .resource
        case .keyDeleted: .key
        case .signedOut: .session
        case .grantRevoked, .codeReused, .refreshTokenReused: .grant
        case .tokenRevoked: .token
        case .consentRevoked: .consent
        case .organizationSuspended, .organizationDeletionBegun, .organizationDeleted:
            .organization
        case .organizationRoleUpdated, .organizationGroupUpdated, .organizationGroupDeleted: .role
        case .membershipUpdated, .membershipSuspended, .membershipDeleted,
            .organizationGroupMemberRemoved:
            .membership
        case .tenantCreated, .tenantDeleted, .limitChanged, .domainAdded, .domainVerified,
            .domainRemoved, .domainLapsed, .userCreated, .clientCreated, .clientLogoChanged,
            .tenantLogoChanged,
            .clientLogoUnavailable, .clientSecretAdded, .clientSecretRemoved, .resourceCreated,
            .keyRotated, .signedIn, .signInFailed, .grantCreated, .codeRedeemed, .codeRefused,
            .tokenRefreshed, .refreshTokenRefused, .tokenIssued, .adminLinkIssued,
            .adminLinkUsed, .limitExceeded, .clientAssertionReused, .clientKeysUnavailable,
            .initialAccessTokenCreated, .initialAccessTokenDeleted,
            .metadataDocumentUnavailable, .exchangePolicyCreated, .exchangePolicyDeleted,
            .tokenExchanged, .tokenExchangeRefused, .consentGiven, .consentDenied,
            .logoutDelivered, .logoutFailed, .tokenOutgrown, .tokenOutgrowthForeseen,
            .organizationCreated,
            .organizationUpdated, .organizationLogoChanged, .organizationActivated,
            .organizationRestored,
            .organizationRoleCreated, .organizationRoleDeleted, .membershipCreated,
            .membershipActivated:
            nil
        case .deviceAuthorizationBegun, .deviceAuthorizationAllowed, .deviceAuthorizationDenied,
            .deviceAuthorizationRedeemed, .deviceAuthorizationRefused, .trustedIssuerCreated,
            .trustedIssuerUpdated, .trustedIssuerDeleted, .trustedSubjectLinked,
            .trustedSubjectUnlinked, .trustedIssuerKeysUnavailable, .assertionAccepted,
            .assertionRefused, .assertionReused, .backchannelBegun, .backchannelAllowed,
            .backchannelDenied, .backchannelRedeemed, .backchannelRefused, .backchannelPinged,
            .backchannelPingFailed, .administratorSet, .administratorRemoved,
            .administratorKeyCreated,
            .administratorKeyRevoked, .apiKeyCreated, .apiKeyRevoked, .organizationGroupCreated,
            .organizationGroupMemberAdded, .invitationCreated, .invitationResent,
            .invitationRevoked, .invitationSent, .invitationLetterFailed, .invitationAccepted,
            .organizationDomainAdded, .organizationDomainVerified, .organizationDomainUpdated,
            .organizationDomainRemoved, .organizationDomainLapsed, .auditExported, .auditAltered,
            .configurationMarked, .configurationUnmarked:
            nil
        }
    }
}

extension TenantRecords {
    /// Writes down what an event does to tokens, if it does something.
    ///
    /// Called where events are appended, so that none is forgotten.
    func noteChange(by event: Event, at now: Timestamp) throws {
        guard let kind = event.kind.change, let change = try change(kind, by: event, at: now)
        else { return }
        for change in [change] + (try changesOfClients(by: change)) {
            try accessChanges.insert(change, at: now)
        }
        try transaction.announceChange()
    }

    /// Every token of the clients that belong to an organization in which nobody acts any more.
    private func changesOfClients(by change: AccessChange) throws -> [AccessChange] {
        guard change.kind == .organization, case .only(let organization) = change.place else {
            return []
        }
        return try clients.all(ownedBy: organization).map {
            var change = AccessChange(.client)
            change.clientID = $0
            return change
        }
    }

    private func change(
        _ kind: AccessChange.Kind, by event: Event, at now: Timestamp
    ) throws -> AccessChange? {
        var change = AccessChange(kind)
        switch kind {
        case .key: break
        case .tenant:
            let admitsFewer = event["admits_fewer"] != nil
            guard try admitsFewer || transaction.tenants.find(tenantID)?.disabledAt != nil else {
                return nil
            }
        case .user: return try changeOfUser(by: event, at: now)
        case .client:
            guard let id = event.subject.map(Client.ID.init(stored:)) else { return nil }
            if event.kind == .clientUpdated {
                guard try clients.find(id)?.disabledAt != nil else { return nil }
            }
            change.clientID = id
        case .resource:
            guard let audience = try lostAudience(by: event) else { return nil }
            change.audience = audience
        case .session: return try changeOfSession(by: event, at: now)
        case .grant: change.grants = [event.subject].compactMap { $0.map(Grant.ID.init(stored:)) }
        case .token: change.tokenID = event.subject
        case .consent:
            guard let user = event["user"], let client = event["client"] else { return nil }
            change.userID = User.ID(stored: user)
            change.clientID = Client.ID(stored: client)
            change.knownTo = [Client.ID(stored: client)]
        case .organization:
            change.place = event.subject.map { .only(Organization.ID(stored: $0)) }
        case .role:
            change.place = event["organization"].map { .only(Organization.ID(stored: $0)) } ?? .any
        case .membership:
            guard let user = event["user"].map(User.ID.init(stored:)) else { return nil }
            // A group is what its event is about, and names its organization.
            change.place = (event["organization"] ?? event.subject)
                .map { .only(Organization.ID(stored: $0)) }
            change.userID = user
            change.knownTo = try accessChanges.clientsKnowing(user, at: now)
        }
        return change
    }

    /// Every token about a person; nothing if they were changed in another way.
    private func changeOfUser(by event: Event, at now: Timestamp) throws -> AccessChange? {
        guard let user = event.subject.map(User.ID.init(stored:)) else { return nil }
        if event.kind == .userUpdated {
            guard try users.find(user)?.disabledAt != nil else { return nil }
        }
        return try everyToken(about: user, .user, at: now)
    }

    /// The grants that ended with a session; every token about the person if these are too many to
    /// list.
    private func changeOfSession(by event: Event, at now: Timestamp) throws -> AccessChange? {
        guard let id = event.subject.map(Session.ID.init(stored:)) else { return nil }
        let grants = try accessChanges.grantsEnding(with: id, at: now)
        guard grants.count <= AccessChangeRecords.mostGrants else {
            guard let session = try sessions.find(id) else { return nil }
            return try everyToken(about: session.userID, .session, at: now)
        }
        guard !grants.isEmpty else { return nil }
        var change = AccessChange(.session)
        change.grants = grants
        return change
    }

    private func everyToken(
        about user: User.ID, _ kind: AccessChange.Kind, at now: Timestamp
    ) throws -> AccessChange {
        var change = AccessChange(kind)
        change.userID = user
        change.knownTo = try accessChanges.clientsKnowing(user, at: now)
        return change
    }

    /// The name of a resource that was disabled or deleted; nil if it is there as before.
    private func lostAudience(by event: Event) throws -> String? {
        guard event.kind == .resourceUpdated else { return event["identifier"] }
        let resource = try event.subject.map(Resource.ID.init(stored:))
            .flatMap(resources.find)
        return resource?.disabledAt == nil ? nil : resource?.indicator.text
    }
}

extension Event {
    /// One of the details.
    fileprivate subscript(name: String) -> String? {
        detail.first { $0.name.description == name }?.value
    }
}
