import GatehouseSQL

/// How often what the registry holds was changed: a number that only grows.
///
/// It is raised in the transaction of the change, which holds its row until the end. So the numbers
/// are in the order of the commits, and whoever has seen one has missed none before it.
struct EpochRecords {
    let transaction: Transaction

    /// The number now.
    func current() throws -> Int64 {
        try transaction.row("SELECT epoch FROM instance WHERE id = 1")?.integer("epoch") ?? 0
    }

    /// The tenants that were changed after a number.
    func tenants(changedAfter epoch: Int64) throws -> [Tenant.ID] {
        // Every tenant: a node asks once for all that it knows.
        try transaction.rows(
            "SELECT tenant_id FROM tenant_change WHERE epoch > \(epoch) ORDER BY epoch"
        ).map { Tenant.ID(stored: try $0.text("tenant_id")) }
    }
}

extension Transaction {
    var epochs: EpochRecords { EpochRecords(transaction: self) }

    /// Notes that a tenant, one of its clients or one of its keys changes, so that every node looks
    /// at them again.
    ///
    /// The records call it where they write: no use case can forget it.
    func noteChange(of tenant: Tenant.ID) throws {
        try send("UPDATE instance SET epoch = epoch + 1 WHERE id = 1")
        // The number is this transaction's own until it ends.
        try send(
            """
            INSERT INTO tenant_change (tenant_id, epoch)
            SELECT \(tenant), epoch FROM instance WHERE id = 1
            ON CONFLICT (tenant_id) DO UPDATE SET epoch = excluded.epoch
            """)
        try announceChange()
    }
}
