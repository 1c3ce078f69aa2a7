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

    /// The people who administer, and what they are.
    ///
    /// Until now there was one: whoever used the link.
    static let administrators: [SQL] = [
        """
        CREATE TABLE administrator (
            tenant_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            role \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            created_by \(type: .text) NOT NULL,
            PRIMARY KEY (tenant_id, user_id),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX administrator_by_user ON administrator (user_id)
        """,
        """
        INSERT INTO administrator (tenant_id, user_id, role, created_at, created_by)
        SELECT tenant_id, id, 'owner', created_at, 'operator' FROM user_account
        WHERE tenant_id = 'ten_00000000000000000000000000'
        """,
    ]
}
