private import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// Shows an invitation to whoever has its letter, and lets the person it is for accept it.
///
/// The secret of the letter shows that somebody reads the mail of the address. That opens no account:
/// it is the person who signs in, or makes an account, and confirms, who becomes a member.
package struct AnswerInvitation: Sendable {
    let database: any Database
    let people: SignIn

    /// An invitation as it stands for one browser.
    package struct View: Sendable {
        package let invitation: Invitation
        package let organization: Organization
        package let state: Invitation.State
        /// True if people act in the organization.
        package let isOpen: Bool
        /// The accounts that are signed in, the active one first.
        package let accounts: [LiveSession]
        let secret: Secret
        let device: Secret?

        /// The account that may accept it; nil if that one is not signed in.
        package var account: LiveSession? { accounts.first { invitation.isFor($0.user) } }

        /// True if it waits for an answer, and one can be given.
        package var isPending: Bool { state == .pending && isOpen }

        /// True if somebody who is signed in has accepted it.
        package var isOurs: Bool {
            accounts.contains { $0.user.id == invitation.acceptedBy }
        }
    }

    /// The invitation of a secret; nil for every secret that brings none, whatever is wrong with it.
    package func view(
        _ secret: Secret, from browser: Browser, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> View? {
        try await database.read {
            try $0.records(of: tenant.id).view(
                secret, from: browser, at: tenant, through: issuer, on: occasion)
        }
    }

    /// What became of accepting.
    package enum Acceptance: Sendable {
        case joined
        /// The secret brings no invitation.
        case unknown
        /// It does not wait for an answer any more, or nobody acts in the organization.
        case over
        /// The account is not signed in, or is not the one that the invitation is for.
        case notTheirs
        case memberAlready
        /// A role that it names is gone.
        case roleGone
    }

    /// That somebody accepts: the secret of the letter, and the session of the account that does.
    package struct Reply: Sendable {
        fileprivate let secret: Secret
        fileprivate let session: Session.ID?

        package init(_ secret: Secret, in session: Session.ID?) {
            self.secret = secret
            self.session = session
        }
    }

    /// Makes the person of a session a member.
    package func accept(
        _ reply: Reply, from browser: Browser, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> Acceptance {
        let accepting = Accepting(
            secret: reply.secret, session: reply.session, browser: browser, tenant: tenant,
            issuer: issuer, occasion: occasion)
        let outcome = try await database.writeUnlessGone { transaction in
            try accepting.commit(in: transaction.records(of: tenant.id))
        }
        return outcome ?? .over
    }
}

/// The transaction's part of accepting.
private struct Accepting: Sendable {
    let secret: Secret
    let session: Session.ID?
    let browser: Browser
    let tenant: Tenant
    let issuer: Issuer
    let occasion: Occasion

    func commit(in records: TenantRecords) throws -> AnswerInvitation.Acceptance {
        guard let first = try view(in: records) else { return .unknown }
        guard let account = first.accounts.first(where: { $0.session.id == session }) else {
            return .notTheirs
        }
        let user = account.user.id
        // The user first, as where one is added or deleted; then all is looked at again, held.
        guard try records.users.hold(user),
            try records.organizations.hold(first.organization.id),
            let view = try view(in: records)
        else { return .unknown }
        guard view.isPending else { return .over }
        guard let current = view.accounts.first(where: { $0.session.id == session }),
            view.invitation.isFor(current.user)
        else { return .notTheirs }
        let organization = view.organization.id
        guard try records.memberships.find(user, in: organization) == nil else {
            return .memberAlready
        }
        guard
            case .found(let roles) = try records.roles(
                meantBy: view.invitation.roles, in: organization)
        else { return .roleGone }
        guard try records.invitations.claim(secret.digest, by: user, at: occasion.now) else {
            return .over
        }
        try join(current.user, view.invitation, with: roles, in: records)
        return .joined
    }

    private func view(in records: TenantRecords) throws -> AnswerInvitation.View? {
        try records.view(secret, from: browser, at: tenant, through: issuer, on: occasion)
    }

    private func join(
        _ user: User, _ invitation: Invitation, with roles: [OrganizationRole]?,
        in records: TenantRecords
    ) throws {
        let organization = invitation.organizationID
        let membership = Membership(of: user.id, in: organization, at: occasion.now)
            .changed(
                by: MembershipChange(title: .some(invitation.title), scopes: invitation.scopes),
                roles: roles, at: occasion.now)
        _ = try records.memberships.insert(membership)
        try records.events.append(
            Event(
                .invitationAccepted, by: .user(user.id), of: invitation.id.text,
                detail: [("organization", organization.text)]),
            on: occasion)
        try records.events.append(
            Event(
                .membershipCreated, by: .user(user.id), of: organization.text,
                detail: [("user", user.id.text), ("invitation", invitation.id.text)]),
            on: occasion)
    }
}

extension TenantRecords {
    /// The invitation of a secret, as it stands for a browser.
    func view(
        _ secret: Secret, from browser: Browser, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) throws -> AnswerInvitation.View? {
        guard let invitation = try invitations.find(secret.digest),
            invitation.issuer.text.isExactly(issuer.text),
            let organization = try organizations.find(invitation.organizationID)
        else { return nil }
        return AnswerInvitation.View(
            invitation: invitation, organization: organization,
            state: invitation.state(at: occasion.now), isOpen: organization.state == .active,
            accounts: try liveSessions(of: browser, in: tenant, letIn: false, at: occasion.now),
            secret: secret, device: browser.device)
    }
}
