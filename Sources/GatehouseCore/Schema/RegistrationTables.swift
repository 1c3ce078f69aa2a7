import GatehouseSQL

extension Schema {
    /// How clients register themselves, and what they are let in with.
    static let registration: [SQL] = [
        """
        ALTER TABLE tenant ADD COLUMN registration_policy \(type: .text)
        """,
        """
        ALTER TABLE client ADD COLUMN registration \(type: .text)
        """,
        """
        ALTER TABLE client ADD COLUMN registration_digest \(type: .bytes)
        """,
        """
        ALTER TABLE client ADD COLUMN unused_until \(type: .timestamp)
        """,
        """
        CREATE INDEX client_by_unused_until ON client (unused_until)
        """,
        """
        CREATE TABLE initial_access_token (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            uses_left \(type: .integer) NOT NULL,
            limits \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, digest),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX initial_access_token_by_expiry ON initial_access_token (expires_at)
        """,
    ]
}
