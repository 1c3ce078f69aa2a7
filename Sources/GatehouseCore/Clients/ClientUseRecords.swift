import GatehouseSQL

/// How often the clients of one tenant were used on which day.
struct ClientUseRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How long it is known.
    static let kept = Lifetime.days(90)

    func add(_ use: ClientUse, _ count: Int64) throws {
        try transaction.execute(
            """
            INSERT INTO client_use (tenant_id, client_id, day, kind, target, uses)
            VALUES (\(tenantID), \(use.client), \(use.day.number), \(use.kind.rawValue),
                \(use.target), \(count))
            ON CONFLICT (tenant_id, client_id, day, kind, target)
                DO UPDATE SET uses = client_use.uses + excluded.uses
            """)
    }

    /// How often a client was used from the beginning of a day on.
    func usage(of client: Client.ID, since day: Day) throws -> ClientUsage {
        // Before there was a table to count in, nothing was counted.
        let began = try transaction.row(
            "SELECT migrated_at FROM schema_migration WHERE name = \(Schema.configurationName)"
        ).map { Timestamp(milliseconds: try $0.integer("migrated_at")) }
        var usage = ClientUsage(since: max(day.start, began ?? day.start))
        let rows = try transaction.rows(
            """
            SELECT kind, target, CAST(SUM(uses) AS BIGINT) AS total FROM client_use
            WHERE tenant_id = \(tenantID) AND client_id = \(client) AND day >= \(day.number)
            GROUP BY kind, target ORDER BY kind, target
            """)
        for row in rows {
            // A kind that a newer program counts is nothing to us.
            guard let kind = ClientUse.Kind(rawValue: try row.text("kind")) else { continue }
            usage.add(kind, try row.text("target"), try row.integer("total"))
        }
        return usage
    }
}

extension TenantRecords {
    var clientUses: ClientUseRecords { .init(tenantID: tenantID, transaction: transaction) }
}
