import GatehouseSQL

extension Schema {
    /// Keys by which programs administer, and what they asked for that may be sent again.
    static let administratorKeys: [SQL] = [
        """
        CREATE TABLE administrator_key (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            name \(type: .text) NOT NULL,
            beginning \(type: .text) NOT NULL,
            role \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            created_by \(type: .text) NOT NULL,
            expires_at \(type: .timestamp),
            last_used_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE UNIQUE INDEX administrator_key_by_digest ON administrator_key (digest)
        """,
        """
        CREATE TABLE administrator_request (
            tenant_id \(type: .id) NOT NULL,
            administrator_key_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            fingerprint \(type: .bytes) NOT NULL,
            status \(type: .integer),
            sealed_answer \(type: .bytes),
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, administrator_key_id, digest),
            FOREIGN KEY (tenant_id, administrator_key_id)
                REFERENCES administrator_key (tenant_id, id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX administrator_request_by_expiry ON administrator_request (expires_at)
        """,
    ]
}
