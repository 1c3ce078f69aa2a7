/// A browser's session and whose it is, both alive.
package struct LiveSession: Sendable {
    package let session: Session
    package let user: User
    /// What the browser proves it with.
    let secret: Secret
}

extension TenantRecords {
    /// The session that a browser's cookie proves, if it and its user are alive, and the organization
    /// through which they signed in lets them in still.
    ///
    /// `letIn` false finds it even if that does not: such a person can do no more than sign out, or
    /// answer an invitation.
    package func liveSession(
        _ secret: Secret?, in tenant: Tenant, letIn: Bool = true, at now: Timestamp
    ) throws -> LiveSession? {
        guard let secret, let session = try sessions.find(secret.digest),
            let user = try users.find(session.userID)
        else { return nil }
        var standing = Standing(tenant: tenant)
        standing.user = .involved(user)
        standing.session = .involved(session)
        if letIn { standing.isLetIn = try isLetIn(session) }
        guard standing.mayAct(at: now) else { return nil }
        return LiveSession(session: session, user: user, secret: secret)
    }

    /// True if the organization through which a session began, if it was one, lets its person in still.
    func isLetIn(_ session: Session) throws -> Bool {
        guard let organization = session.through else { return true }
        return try memberships.isCurrent(session.userID, in: organization)
    }

    /// The accounts that are signed in in a browser, the active one first.
    func liveSessions(
        of browser: Browser, in tenant: Tenant, letIn: Bool = true, at now: Timestamp
    ) throws -> [LiveSession] {
        try browser.sessions.compactMap {
            try liveSession($0, in: tenant, letIn: letIn, at: now)
        }
    }

    /// The sessions that a browser's cookie proves, if their time is over and nobody has ended them
    /// yet.
    func lapsedSessions(of browser: Browser, at now: Timestamp) throws -> [Session.ID] {
        try browser.sessions.compactMap { secret in
            guard let session = try sessions.find(secret.digest), session.endedAt == nil,
                !session.isLive(at: now)
            else { return nil }
            return session.id
        }
    }
}
