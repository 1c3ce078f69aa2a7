import GatehouseSQL

extension Schema {
    /// Resources, and the access tokens that only introspection tells something of.
    static let resources: [SQL] = [
        """
        CREATE TABLE resource (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            indicator \(type: .text) NOT NULL,
            name \(type: .text) NOT NULL,
            scopes \(type: .text) NOT NULL,
            policies \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            disabled_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, indicator),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE opaque_access_token (
            tenant_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            client_id \(type: .id) NOT NULL,
            grant_id \(type: .id),
            claims \(type: .text) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, digest),
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, grant_id) REFERENCES authorization_grant (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX opaque_access_token_by_client ON opaque_access_token (tenant_id, client_id)
        """,
        """
        CREATE INDEX opaque_access_token_by_grant ON opaque_access_token (tenant_id, grant_id)
        """,
        """
        CREATE INDEX opaque_access_token_by_expiry ON opaque_access_token (expires_at)
        """,
    ]
}
