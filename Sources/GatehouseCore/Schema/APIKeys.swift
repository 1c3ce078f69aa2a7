import GatehouseSQL

extension Schema {
    /// Keys by which programs act at APIs for somebody.
    ///
    /// Those of a member go with the membership.
    static let apiKeys: [SQL] = [
        """
        CREATE TABLE api_key (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            name \(type: .text) NOT NULL,
            beginning \(type: .text) NOT NULL,
            user_id \(type: .id),
            organization_id \(type: .id),
            audience \(type: .text) NOT NULL,
            scopes \(type: .text) NOT NULL,
            networks \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            expires_at \(type: .timestamp),
            last_used_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, digest),
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, organization_id, user_id)
                REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX api_key_by_user ON api_key (tenant_id, user_id)
        """,
        """
        CREATE INDEX api_key_by_organization ON api_key (tenant_id, organization_id, user_id)
        """,
    ]
}
