import GatehouseSQL

extension Schema {
    /// One outbox for all that clients are told: that a session is over, and that a person has
    /// answered elsewhere; and what is needed to tell that.
    static let deliveries: [SQL] = [
        "ALTER TABLE logout_delivery RENAME TO delivery",
        "ALTER TABLE delivery RENAME COLUMN session_id TO subject",
        "ALTER TABLE delivery ADD COLUMN kind \(type: .text) NOT NULL DEFAULT 'logout'",
        "DROP INDEX logout_delivery_by_client",
        "DROP INDEX logout_delivery_by_due",
        "CREATE INDEX delivery_by_client ON delivery (tenant_id, client_id)",
        "CREATE INDEX delivery_by_due ON delivery (due_at)",
        "ALTER TABLE backchannel_authentication ADD COLUMN notification \(type: .bytes)",
    ]
}
