/// All parties on whose behalf something is about to happen.
///
/// What was deleted is nil.
package struct Standing: Sendable {
    package var tenant: Tenant
    package var client: Party<Client> = .notInvolved
    package var user: Party<User> = .notInvolved
    package var session: Party<Session> = .notInvolved
    package var grant: Party<Grant> = .notInvolved
    /// False if the user signed in through an organization that does not let them in any more.
    package var isLetIn = true

    /// One party: not involved, or involved and looked up.
    package enum Party<Record: Sendable>: Sendable {
        case notInvolved
        case involved(Record?)
    }

    package init(tenant: Tenant) {
        self.tenant = tenant
    }

    /// Why nothing may happen on behalf of these parties.
    package enum Obstacle: String, Error, Sendable {
        case tenantDisabled = "the tenant is disabled"
        case clientGone = "the client is disabled or deleted"
        case ownerAway = "the organization of the client is suspended or deleted"
        case userGone = "the user is disabled or deleted"
        case sessionOver = "the session is over"
        case grantOver = "the grant is revoked or expired"
        case notLetIn = "the user is no member any more of the organization they signed in through"
    }
}

extension Standing {
    /// Whether something may happen on behalf of all parties, for doors at which it is all one why
    /// not.
    package func mayAct(at now: Timestamp) -> Bool { obstacle(at: now) == nil }

    /// Why nothing may happen on behalf of these parties; nil if it may.
    package func obstacle(at now: Timestamp) -> Obstacle? {
        do {
            try GatehouseCore.mayAct(self, at: now)
            return nil
        } catch {
            return error
        }
    }
}

/// Decides whether something may happen on behalf of these parties: the one decision that every
/// door makes, so that what is disabled is disabled everywhere.
package func mayAct(_ standing: Standing, at now: Timestamp) throws(Standing.Obstacle) {
    guard standing.tenant.disabledAt == nil else { throw .tenantDisabled }
    if case .involved(let client) = standing.client {
        guard let client, client.disabledAt == nil,
            standing.tenant.registrationPolicy.admits(client.registration.origin)
        else { throw .clientGone }
        guard client.hasActiveOwner else { throw .ownerAway }
    }
    if case .involved(let user) = standing.user {
        guard let user, user.disabledAt == nil else { throw .userGone }
    }
    if case .involved(let session) = standing.session {
        guard let session, session.isLive(at: now) else { throw .sessionOver }
    }
    if case .involved(let grant) = standing.grant {
        guard let grant, grant.revokedAt == nil, now < grant.expiresAt else { throw .grantOver }
    }
    guard standing.isLetIn else { throw .notLetIn }
}
