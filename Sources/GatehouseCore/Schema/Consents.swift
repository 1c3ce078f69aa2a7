import GatehouseSQL

extension Schema {
    /// What people allowed clients, and what they said in an interaction: with which account they go
    /// on, and what they allow.
    static let consents: [SQL] = [
        """
        CREATE TABLE consent (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            client_id \(type: .id) NOT NULL,
            resource \(type: .text) NOT NULL,
            scope \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, user_id, client_id, resource),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX consent_by_client ON consent (tenant_id, client_id)
        """,
        """
        ALTER TABLE interaction ADD COLUMN session_id \(type: .id)
        """,
        """
        ALTER TABLE interaction ADD COLUMN decided_by \(type: .id)
        """,
        """
        ALTER TABLE interaction ADD COLUMN allowed_scope \(type: .text)
        """,
    ]
}
