import GatehouseSQL

/// A person who looks at the portal.
package struct PortalVisit: Sendable {
    package let administrator: Administrator
    /// A user of the installation's own tenant.
    package let user: User
    package let session: Session

    /// For how long after signing in an administrator may do what cannot be undone.
    package static let freshness = Lifetime.minutes(15)

    /// True if they signed in a short while ago.
    package func isFresh(at now: Timestamp) -> Bool {
        now < session.authenticatedAt + Self.freshness
    }
}

/// Finds out who looks at the portal.
package struct PortalVisits: Sendable {
    let database: any Database

    /// Whom a browser's session proves; nil if it proves nobody who administers anything.
    package func find(
        _ secret: Secret?, at now: Timestamp
    ) async throws -> PortalVisit? {
        guard let secret else { return nil }
        return try await database.read { transaction -> PortalVisit? in
            guard let instance = try transaction.tenants.find(Tenant.instance),
                let current = try transaction.records(of: instance.id)
                    .liveSession(secret, in: instance, at: now)
            else { return nil }
            let standings = try transaction.standings(of: current.user.id)
            guard !standings.isEmpty else { return nil }
            let user = current.user
            return PortalVisit(
                administrator: Administrator(
                    .user(user.id),
                    called: user.name?.text ?? user.email?.text ?? "Administrator",
                    as: standings),
                user: user, session: current.session)
        }
    }
}
