import GatehouseSQL

/// What an operator gives out to let somebody register clients, so many times and until a time
/// (RFC 7591 §3).
package struct InitialAccessToken: Sendable, Identified {
    package typealias ID = Identifier<InitialAccessToken>
    package static let identifierPrefix = "initok"

    package let id: ID
    package let usesLeft: Int
    package let limits: RegistrationLimits
    package let createdAt: Timestamp
    package let expiresAt: Timestamp

    /// How often and how long one may be good.
    package static let usesRange = 1...1_000_000
    package static let lifetimeRange = Lifetime.minutes(1)...Lifetime.days(365)

    package init(
        uses: Int, limits: RegistrationLimits, lifetime: Lifetime, at now: Timestamp
    ) {
        id = ID(at: now)
        usesLeft = uses
        self.limits = limits
        createdAt = now
        expiresAt = now + lifetime
    }

    fileprivate init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        usesLeft = Int(clamping: try row.integer("uses_left"))
        limits = try RegistrationLimits(stored: try row.text("limits"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
    }

    /// True if it can be used.
    func isUsable(at now: Timestamp) -> Bool { usesLeft > 0 && now < expiresAt }
}

/// The initial access tokens of one tenant.
package struct InitialAccessTokenRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    func insert(_ token: InitialAccessToken, digest: SecretDigest) throws {
        try transaction.execute(
            """
            INSERT INTO initial_access_token (tenant_id, id, digest, uses_left, limits, created_at,
                expires_at)
            VALUES (\(tenantID), \(token.id), \(digest), \(token.usesLeft),
                \(token.limits.stored), \(token.createdAt), \(token.expiresAt))
            """)
    }

    package func find(_ digest: SecretDigest) throws -> InitialAccessToken? {
        try transaction.row(
            """
            SELECT id, uses_left, limits, created_at, expires_at FROM initial_access_token
            WHERE tenant_id = \(tenantID) AND digest = \(digest)
            """
        ).map(InitialAccessToken.init)
    }

    /// Every token, oldest first.
    func all() throws -> [InitialAccessToken] {
        try transaction.rows(
            """
            SELECT id, uses_left, limits, created_at, expires_at FROM initial_access_token
            WHERE tenant_id = \(tenantID) ORDER BY id
            """
        ).map(InitialAccessToken.init)
    }

    /// Uses it once; true for exactly as many as it is good for, however many come at once.
    func use(_ digest: SecretDigest, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE initial_access_token SET uses_left = uses_left - 1
            WHERE tenant_id = \(tenantID) AND digest = \(digest) AND uses_left > 0
                AND expires_at > \(now)
            """) == 1
    }

    func delete(_ id: InitialAccessToken.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM initial_access_token WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

extension TenantRecords {
    package var initialAccessTokens: InitialAccessTokenRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
    var registrations: RegistrationRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
}
