import GatehouseSQL

extension Schema {
    /// How the pages of tenants look: a logo is a client's, an organization's or else the tenant's own.
    static let branding: [SQL] = [
        "ALTER TABLE tenant ADD COLUMN branding \(type: .text)",
        "ALTER TABLE tenant ADD COLUMN logos \(type: .text)",
        "CREATE TABLE former_logo AS SELECT * FROM logo",
        "DROP TABLE logo",
        """
        CREATE TABLE logo (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            client_id \(type: .id),
            organization_id \(type: .id),
            format \(type: .text) NOT NULL,
            width \(type: .integer) NOT NULL,
            height \(type: .integer) NOT NULL,
            content \(type: .bytes) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            CHECK (client_id IS NULL OR organization_id IS NULL),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        INSERT INTO logo (tenant_id, id, client_id, organization_id, format, width, height, content,
            created_at)
        SELECT tenant_id, id, client_id, organization_id, format, width, height, content, created_at
        FROM former_logo
        """,
        "DROP TABLE former_logo",
        """
        CREATE INDEX logo_by_client ON logo (tenant_id, client_id) WHERE client_id IS NOT NULL
        """,
        """
        CREATE INDEX logo_by_organization
            ON logo (tenant_id, organization_id) WHERE organization_id IS NOT NULL
        """,
    ]
}
