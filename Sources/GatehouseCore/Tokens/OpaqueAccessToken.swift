private import GatehouseEncoding
private import GatehouseJOSE
import GatehouseSQL

/// An access token that says nothing by itself: what a JWT would say is in the database.
struct OpaqueAccessToken: Sendable {
    let digest: SecretDigest
    let clientID: Client.ID
    let grantID: Grant.ID?
    /// What the token stands for, as the payload of a JWT access token (RFC 9068 §2.2).
    let claims: String
    let expiresAt: Timestamp
}

/// The opaque access tokens of one tenant.
package struct OpaqueAccessTokenRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    func insert(_ token: OpaqueAccessToken) throws {
        try transaction.send(
            """
            INSERT INTO opaque_access_token (tenant_id, digest, client_id, grant_id, claims,
                expires_at)
            VALUES (\(tenantID), \(token.digest), \(token.clientID), \(token.grantID),
                \(token.claims), \(token.expiresAt))
            """)
    }

    /// Forgets a token: it is revoked.
    ///
    /// False if it was forgotten before.
    func remove(_ digest: SecretDigest) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM opaque_access_token
            WHERE tenant_id = \(tenantID) AND digest = \(digest)
            """) == 1
    }

    /// What a token says, with everyone that its grant stands on, unless it is unknown or gone.
    func findStanding(
        _ digest: SecretDigest
    ) throws -> (token: VerifiedAccessToken, grant: GrantStanding?)? {
        let row = try transaction.row(
            """
            SELECT \(GrantStanding.columns), o.claims AS token_claims
            FROM opaque_access_token AS o
            LEFT JOIN authorization_grant AS g ON g.tenant_id = o.tenant_id AND g.id = o.grant_id
            \(GrantStanding.joins)
            WHERE o.tenant_id = \(tenantID) AND o.digest = \(digest)
            """)
        guard let (standing, rest) = try row.map(GrantStanding.readIfThere),
            let token = try VerifiedAccessToken(
                JWTClaims(parsing: Array(try rest.text("token_claims").utf8)))
        else { return nil }
        return (token, standing)
    }

    /// What a token says, unless it is unknown, revoked, or was removed after its time.
    func find(_ digest: SecretDigest) throws -> VerifiedAccessToken? {
        let row = try transaction.row(
            """
            SELECT claims FROM opaque_access_token
            WHERE tenant_id = \(tenantID) AND digest = \(digest)
            """)
        guard let row else { return nil }
        return try VerifiedAccessToken(JWTClaims(parsing: Array(try row.text("claims").utf8)))
    }
}
