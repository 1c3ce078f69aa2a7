package import GatehouseProtocol
import GatehouseSQL

/// A refresh token: one link in the chain that a grant's rotation makes (RFC 6749 §1.5).
package struct RefreshToken: Sendable {
    package let digest: SecretDigest
    package let grantID: Grant.ID
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let consumedAt: Timestamp?

    /// How long it works without being used.
    package static let lifetime = Lifetime.days(30)

    package init(_ secret: Secret, of grant: Grant, at now: Timestamp) {
        digest = secret.digest
        grantID = grant.id
        createdAt = now
        expiresAt = min(now + Self.lifetime, grant.expiresAt)
        consumedAt = nil
    }

    init(_ row: Row) throws {
        digest = SecretDigest(stored: try row.bytes("digest"))
        grantID = Grant.ID(stored: try row.text("grant_id"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        consumedAt = try row.optionalInteger("consumed_at").map(Timestamp.init(milliseconds:))
    }

    /// The scope to issue, or the reason to refuse (RFC 6749 §6).
    ///
    /// Who may act is decided elsewhere.
    package func authorize(
        _ request: RefreshTokenRequest, under grant: Grant, by client: Client.ID, at now: Timestamp
    ) throws(OAuthError) -> Scope {
        guard grant.clientID == client else {
            throw OAuthError(.invalidGrant, "The refresh token was issued to another client.")
        }
        guard now < expiresAt else {
            throw OAuthError(.invalidGrant, "The refresh token is expired or revoked.")
        }
        if let problem = grant.confirmation?.problem(with: request.proof) { throw problem }
        guard let requested = request.scope else { return grant.scope }
        guard requested.isSubset(of: grant.scope) else {
            throw OAuthError(.invalidScope, "The scope exceeds the one granted.")
        }
        return requested
    }
}

extension Confirmation {
    /// Why a request that proves this cannot use a refresh token which is bound; nil if it can.
    fileprivate func problem(with proof: Possession?) -> OAuthError? {
        guard proof?.confirmation != self else { return nil }
        return switch self {
        case .key where proof == nil:
            OAuthError(
                .invalidDPoPProof,
                "The refresh token is bound to a key: a DPoP proof is required.")
        case .key: OAuthError(.invalidGrant, "The refresh token is bound to another key.")
        case .certificate:
            OAuthError(
                .invalidGrant, "The refresh token is bound to a certificate, which was not shown.")
        }
    }
}

/// The refresh tokens of one tenant.
package struct RefreshTokenRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// What presenting a token meant.
    package enum Claim: Sendable, Equatable {
        /// This request is the first to present the token.
        case first
        /// The same request again: its answer may have been lost on the way.
        case retry
        /// Someone presented this token before: one of the two stole it.
        case reuse
    }

    package func find(_ digest: SecretDigest) throws -> RefreshToken? {
        try transaction.row(
            """
            SELECT digest, grant_id, created_at, expires_at, consumed_at FROM refresh_token
            WHERE tenant_id = \(tenantID) AND digest = \(digest)
            """
        ).map(RefreshToken.init)
    }

    /// A token with the grant that it belongs to and everyone that this stands on.
    func findStanding(
        _ digest: SecretDigest
    ) throws -> (token: RefreshToken, standing: GrantStanding)? {
        let row = try transaction.row(
            """
            SELECT \(GrantStanding.columns), t.digest, t.grant_id, t.created_at, t.expires_at,
                t.consumed_at
            FROM refresh_token AS t
            JOIN authorization_grant AS g ON g.tenant_id = t.tenant_id AND g.id = t.grant_id
            \(GrantStanding.joins)
            WHERE t.tenant_id = \(tenantID) AND t.digest = \(digest)
            """)
        guard let row else { return nil }
        let (standing, rest) = try GrantStanding.read(row)
        return (try RefreshToken(rest), standing)
    }

    package func insert(_ token: RefreshToken) throws {
        try transaction.send(
            """
            INSERT INTO refresh_token (tenant_id, digest, grant_id, created_at, expires_at)
            VALUES (\(tenantID), \(token.digest), \(token.grantID), \(token.createdAt),
                \(token.expiresAt))
            """)
    }

    /// Consumes the token exactly once, however many requests present it at the same time.
    ///
    /// The successor is the token that follows this one. While that one is unused and the leeway
    /// lasts, presenting this one again is a retry.
    package func claim(
        _ digest: SecretDigest, successor: SecretDigest, at now: Timestamp, leeway: Lifetime
    ) throws -> Claim {
        let consumed = try transaction.execute(
            """
            UPDATE refresh_token SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND digest = \(digest) AND consumed_at IS NULL
            """)
        if consumed == 1 { return .first }
        let row = try transaction.row(
            """
            SELECT token.consumed_at, successor.digest AS successor_digest,
                successor.consumed_at AS successor_consumed_at
            FROM refresh_token AS token
            LEFT JOIN refresh_token AS successor
                ON successor.tenant_id = token.tenant_id AND successor.digest = \(successor)
            WHERE token.tenant_id = \(tenantID) AND token.digest = \(digest)
            """)
        guard let row, let consumedAt = try row.optionalInteger("consumed_at"),
            try row.optionalBytes("successor_digest") != nil,
            try row.optionalInteger("successor_consumed_at") == nil,
            // Requests that came at the same moment may see each other's time as the future.
            leeway > .seconds(0)
        else { return .reuse }
        let consumption = Timestamp(milliseconds: consumedAt)
        // A clock that was set back does not begin the leeway again.
        return consumption - Self.skew < now && now < consumption + leeway ? .retry : .reuse
    }

    /// How far the clocks of two nodes may differ.
    private static let skew = Lifetime.minutes(1)

    /// Consumes a token whose time is over, so that it stays over if the clock is set back.
    package func spend(_ digest: SecretDigest, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE refresh_token SET consumed_at = \(now)
            WHERE tenant_id = \(tenantID) AND digest = \(digest) AND consumed_at IS NULL
            """)
    }

    /// Lets a token that is not rotated live on after use.
    ///
    /// False if it was consumed before.
    package func extend(_ digest: SecretDigest, to expiry: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE refresh_token SET expires_at = \(expiry)
            WHERE tenant_id = \(tenantID) AND digest = \(digest) AND consumed_at IS NULL
            """) == 1
    }

    /// How many tokens of a grant could still be used.
    package func countLive(of grant: Grant.ID, at now: Timestamp) throws -> Int64 {
        try transaction.row(
            """
            SELECT count(*) AS n FROM refresh_token
            WHERE tenant_id = \(tenantID) AND grant_id = \(grant) AND consumed_at IS NULL
                AND expires_at > \(now)
            """
        )?.integer("n") ?? 0
    }
}

extension TenantRecords {
    /// Adds the first refresh token of a grant, which makes the grant last.
    func insert(_ refreshToken: Secret, of grant: Grant, at now: Timestamp) throws {
        let grant = grant.lasting()
        try grants.extend(grant.id, to: grant.expiresAt)
        try refreshTokens.insert(RefreshToken(refreshToken, of: grant, at: now))
    }
}
