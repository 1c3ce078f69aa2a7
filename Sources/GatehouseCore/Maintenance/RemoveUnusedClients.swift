import GatehouseSQL

/// Removes clients that made themselves known and that nobody used in their time.
///
/// A client counts as used once somebody granted it something, or it proved who it is. That is looked
/// up here, every minute, and not written where it happens: the traces stay for longer than that.
struct RemoveUnusedClients {
    let transaction: Transaction

    /// How many clients one transaction looks at.
    private static let batch = 500

    /// Removes one batch, and returns how many there were.
    func run(on occasion: Occasion) throws -> Int {
        // Every tenant: a job that does the same for each.
        try transaction.execute(
            """
            UPDATE client SET unused_until = NULL
            WHERE unused_until IS NOT NULL AND (
                EXISTS (SELECT 1 FROM authorization_grant AS g
                    WHERE g.tenant_id = client.tenant_id AND g.client_id = client.id)
                OR EXISTS (SELECT 1 FROM client_secret AS s
                    WHERE s.tenant_id = client.tenant_id AND s.client_id = client.id
                        AND s.last_used_at IS NOT NULL)
                OR EXISTS (SELECT 1 FROM client_assertion AS a
                    WHERE a.tenant_id = client.tenant_id AND a.client_id = client.id))
            """)
        // Every tenant: a job that does the same for each.
        let unused = try transaction.rows(
            """
            SELECT tenant_id, id FROM client WHERE unused_until < \(occasion.now)
            ORDER BY unused_until LIMIT \(Self.batch)
            """)
        for row in unused {
            let id = Client.ID(stored: try row.text("id"))
            let records = transaction.records(of: Tenant.ID(stored: try row.text("tenant_id")))
            guard try records.clients.delete(id) else { continue }
            try records.events.append(
                Event(
                    .clientDeleted, by: .system, of: id.text, detail: [("reason", "unused")]),
                on: occasion)
        }
        return unused.count
    }
}
