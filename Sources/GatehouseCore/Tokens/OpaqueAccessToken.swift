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

    /// What a token says, unless it is unknown or was removed after its time.
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
