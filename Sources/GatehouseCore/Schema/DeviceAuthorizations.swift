import GatehouseSQL

extension Schema {
    /// What devices ask for, and how far it got.
    static let deviceAuthorizations: [SQL] = [
        """
        CREATE TABLE device_authorization (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            user_code \(type: .bytes),
            client_id \(type: .id) NOT NULL,
            issuer \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            code_challenge \(type: .text),
            address \(type: .text),
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            poll_interval \(type: .integer) NOT NULL,
            polled_at \(type: .timestamp),
            decided_at \(type: .timestamp),
            grant_id \(type: .id),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, user_code),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX device_authorization_by_expiry ON device_authorization (expires_at)
        """,
    ]
}
