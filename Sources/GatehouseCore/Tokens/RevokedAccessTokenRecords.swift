import GatehouseSQL

/// The access tokens of one tenant that were revoked before their time.
///
/// A token that nobody revokes leaves no row.
package struct RevokedAccessTokenRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// Remembers a token until it would have expired anyhow.
    ///
    /// False if it was revoked before.
    package func insert(_ tokenID: String, until expiry: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO revoked_access_token (tenant_id, id, expires_at)
            VALUES (\(tenantID), \(tokenID), \(expiry)) ON CONFLICT DO NOTHING
            """) == 1
    }

    package func contains(_ tokenID: String) throws -> Bool {
        try transaction.row(
            """
            SELECT id FROM revoked_access_token
            WHERE tenant_id = \(tenantID) AND id = \(tokenID)
            """) != nil
    }
}
