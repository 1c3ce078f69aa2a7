import GatehouseSQL

extension Schema {
    /// How much happens at tenants; see ``ActivityRecords``.
    static let activity: [SQL] = [
        """
        CREATE TABLE activity (
            tenant_id \(type: .id) NOT NULL,
            client_id \(type: .text) NOT NULL,
            began_at \(type: .timestamp) NOT NULL,
            measure \(type: .text) NOT NULL,
            happened \(type: .integer) NOT NULL,
            PRIMARY KEY (tenant_id, client_id, began_at, measure),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX activity_by_time ON activity (began_at)
        """,
        """
        CREATE TABLE active_user (
            tenant_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            last_seen_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, user_id),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX active_user_by_time ON active_user (tenant_id, last_seen_at)
        """,
    ]
}
