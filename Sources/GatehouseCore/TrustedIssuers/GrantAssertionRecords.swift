import GatehouseSQL

/// The assertions of other issuers for which tokens were given at one tenant, each until it ends.
///
/// Only what a trusted issuer signed gets here: strangers cannot fill the table, and nothing is
/// dropped from it before its time.
package struct GrantAssertionRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How much longer a row is kept, for the sake of nodes whose clocks differ.
    private static let margin = Lifetime.minutes(5)

    /// Uses an assertion; false if it was used before.
    func use(_ assertion: GrantAssertion) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO grant_assertion (tenant_id, digest, expires_at)
            VALUES (\(tenantID), \(assertion.digest), \(assertion.expiresAt + Self.margin))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Notes that an assertion came again; false if that was noted before.
    func noteReuse(_ assertion: GrantAssertion, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE grant_assertion SET reused_at = \(now)
            WHERE tenant_id = \(tenantID) AND digest = \(assertion.digest)
                AND reused_at IS NULL
            """) == 1
    }
}

extension TenantRecords {
    package var grantAssertions: GrantAssertionRecords {
        GrantAssertionRecords(tenantID: tenantID, transaction: transaction)
    }
}
