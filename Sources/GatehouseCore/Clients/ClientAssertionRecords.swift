import GatehouseSQL

/// The assertions by which the clients of one tenant authenticated, each until it ends.
///
/// Only what a client signed gets here: strangers cannot fill the table, and nothing is dropped from
/// it before its time.
package struct ClientAssertionRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How much longer a row is kept, for the sake of nodes whose clocks differ.
    private static let margin = Lifetime.minutes(5)

    /// Uses an assertion; false if it was used before.
    func use(_ assertion: PresentedAssertion, of client: Client.ID) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO client_assertion (tenant_id, client_id, digest, expires_at)
            VALUES (\(tenantID), \(client), \(assertion.digest),
                \(assertion.expiresAt + Self.margin))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Notes that an assertion came again; false if that was noted before.
    func noteReuse(
        _ assertion: PresentedAssertion, of client: Client.ID, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE client_assertion SET reused_at = \(now)
            WHERE tenant_id = \(tenantID) AND client_id = \(client)
                AND digest = \(assertion.digest) AND reused_at IS NULL
            """) == 1
    }
}
