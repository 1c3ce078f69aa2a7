import GatehouseSQL

extension Schema {
    /// Limits, what counts against them, and the browsers that people are known in.
    static let limits: [SQL] = [
        """
        CREATE TABLE tenant_limit (
            tenant_id \(type: .id) NOT NULL,
            name \(type: .text) NOT NULL,
            allowed \(type: .integer) NOT NULL,
            span \(type: .integer) NOT NULL,
            PRIMARY KEY (tenant_id, name),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE attempt_counter (
            tenant_id \(type: .id) NOT NULL,
            key \(type: .bytes) NOT NULL,
            attempts \(type: .integer) NOT NULL,
            window_ends_at \(type: .timestamp) NOT NULL,
            exceeded_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, key)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX attempt_counter_by_end ON attempt_counter (window_ends_at)
        """,
        """
        CREATE TABLE known_device (
            tenant_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            user_id \(type: .id) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            last_used_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, digest, user_id),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX known_device_by_user ON known_device (tenant_id, user_id, last_used_at)
        """,
        """
        CREATE INDEX known_device_by_expiry ON known_device (expires_at)
        """,
    ]
}
