package import GatehouseSQL

/// The browser sessions of one tenant.
package struct SessionRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a session, in a statement that calls the table `s`.
    static let columns: SQL = """
        s.id, s.user_id, s.authenticated_at, s.authentication_methods, s.last_seen_at,
        s.expires_at, s.ended_at, s.through_organization_id
        """
    static let columnCount = 8

    package func find(_ digest: SecretDigest) throws -> Session? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM browser_session AS s
            WHERE s.tenant_id = \(tenantID) AND s.digest = \(digest)
            """
        ).map(Session.init)
    }

    package func find(_ id: Session.ID) throws -> Session? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM browser_session AS s
            WHERE s.tenant_id = \(tenantID) AND s.id = \(id)
            """
        ).map(Session.init)
    }

    /// The session in which a user was seen last, of those that are neither ended nor too old.
    func findLatest(of user: User.ID, at now: Timestamp) throws -> Session? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM browser_session AS s
            WHERE s.tenant_id = \(tenantID) AND s.user_id = \(user) AND s.ended_at IS NULL
                AND s.expires_at > \(now)
            ORDER BY s.last_seen_at DESC, s.id DESC LIMIT 1
            """
        ).map(Session.init)
    }

    package func insert(_ session: Session, digest: SecretDigest) throws {
        try transaction.send(
            """
            INSERT INTO browser_session (tenant_id, id, digest, user_id, authenticated_at,
                authentication_methods, created_at, last_seen_at, expires_at,
                through_organization_id)
            VALUES (\(tenantID), \(session.id), \(digest), \(session.userID),
                \(session.authenticatedAt), \(session.authenticationMethods.stored),
                \(session.authenticatedAt), \(session.lastSeenAt), \(session.expiresAt),
                \(session.through))
            """)
    }

    /// Records that the person proved again who they are: the session goes on under a new secret
    /// (ASVS 7.2.4).
    ///
    /// False if it ended meanwhile.
    package func renew(
        _ id: Session.ID, digest: SecretDigest, methods: [AuthenticationMethod],
        admitted admission: DomainAdmission, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE browser_session SET digest = \(digest), authenticated_at = \(now),
                authentication_methods = \(methods.stored), last_seen_at = \(now),
                expires_at = \(Session.end(of: admission, at: now)),
                through_organization_id = \(admission.organization)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND ended_at IS NULL
            """) == 1
    }

    /// Gives a session another secret.
    ///
    /// False if it ended or got one meanwhile.
    package func change(
        _ digest: SecretDigest, of id: Session.ID, to another: SecretDigest
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE browser_session SET digest = \(another)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND digest = \(digest)
                AND ended_at IS NULL
            """) == 1
    }

    /// Records that the session is in use.
    ///
    /// False if it ended meanwhile.
    package func touch(_ id: Session.ID, at now: Timestamp) throws -> Submitted {
        try transaction.submit(
            """
            UPDATE browser_session SET last_seen_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND ended_at IS NULL
            """)
    }

    /// Ends a session.
    ///
    /// False if it had ended before.
    package func end(_ id: Session.ID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE browser_session SET ended_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND ended_at IS NULL
            """) == 1
    }

    /// The sessions of a user that are alive.
    package func live(of user: User.ID, at now: Timestamp) throws -> [Session] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM browser_session AS s
            WHERE s.tenant_id = \(tenantID) AND s.user_id = \(user) AND s.ended_at IS NULL
            ORDER BY s.id
            """
        ).map(Session.init).filter { $0.isLive(at: now) }
    }

    /// Ends every session of a user.
    package func endAll(of user: User.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE browser_session SET ended_at = \(now)
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND ended_at IS NULL
            """)
    }
}
