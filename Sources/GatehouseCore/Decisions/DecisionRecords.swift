import GatehouseSQL

/// What clients of one tenant wait for until somebody has decided on it, of one kind.
package struct DecisionRecords<Matter: DecidedElsewhere> {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The name of a table is a literal like all that becomes SQL.
    private static var table: SQL { SQL(stringLiteral: Matter.table) }

    package func find(_ id: Identifier<Matter>) throws -> Matter? {
        try transaction.row(
            """
            SELECT \(Matter.columns) FROM \(Self.table)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(Matter.init)
    }

    /// Records a poll of the client.
    ///
    /// False if it came too early: then the client has to wait longer from now on, whichever node
    /// it asks. A poll that seems to lie in the future was recorded by a clock that was wrong.
    func poll(_ id: Identifier<Matter>, at now: Timestamp) throws -> Bool {
        let isInTime =
            try transaction.execute(
                """
                UPDATE \(Self.table) SET polled_at = \(now)
                WHERE tenant_id = \(tenantID) AND id = \(id) AND (polled_at IS NULL
                    OR polled_at + poll_interval <= \(now + Matter.leeway)
                    OR polled_at - poll_interval > \(now))
                """) == 1
        guard !isInTime else { return true }
        try transaction.send(
            """
            UPDATE \(Self.table) SET polled_at = \(now),
                poll_interval = poll_interval + \(Matter.slowDown.milliseconds)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
        return false
    }

    /// Decides.
    ///
    /// True for exactly one of those who decide, and only in time.
    func decide(_ id: Identifier<Matter>, grant: Grant.ID?, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE \(Self.table) SET decided_at = \(now), grant_id = \(grant)
                \(Matter.decidedChanges)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND decided_at IS NULL
                AND expires_at > \(now)
            """) == 1
    }
}
