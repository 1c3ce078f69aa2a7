/// A browser's session and whose it is, both alive.
package struct LiveSession: Sendable {
    package let session: Session
    package let user: User
}

extension TenantRecords {
    /// The session that a browser's cookie proves, if it and its user are alive.
    package func liveSession(
        _ secret: Secret?, in tenant: Tenant, at now: Timestamp
    ) throws -> LiveSession? {
        guard let secret, let session = try sessions.find(secret.digest),
            let user = try users.find(session.userID)
        else { return nil }
        var standing = Standing(tenant: tenant)
        standing.user = .involved(user)
        standing.session = .involved(session)
        do {
            try mayAct(standing, at: now)
        } catch {
            return nil
        }
        return LiveSession(session: session, user: user)
    }

    /// The session that a browser's cookie proves, if its time is over and nobody has ended it yet.
    func lapsedSession(_ secret: Secret?, at now: Timestamp) throws -> Session.ID? {
        guard let secret, let session = try sessions.find(secret.digest),
            session.endedAt == nil, !session.isLive(at: now)
        else { return nil }
        return session.id
    }
}
