import GatehouseSQL

extension Schema {
    /// Groups of organizations, the roles that they carry, and who is in them.
    static let organizationGroups: [SQL] = [
        """
        CREATE TABLE organization_group (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            name \(type: .text) NOT NULL,
            is_owner \(type: .integer) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, organization_id, name),
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE organization_group_role (
            tenant_id \(type: .id) NOT NULL,
            group_id \(type: .id) NOT NULL,
            role_id \(type: .id) NOT NULL,
            PRIMARY KEY (tenant_id, group_id, role_id),
            FOREIGN KEY (tenant_id, group_id) REFERENCES organization_group (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, role_id) REFERENCES organization_role (tenant_id, id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX organization_group_role_by_role
            ON organization_group_role (tenant_id, role_id)
        """,
        """
        CREATE TABLE membership_group (
            tenant_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            group_id \(type: .id) NOT NULL,
            PRIMARY KEY (tenant_id, organization_id, user_id, group_id),
            FOREIGN KEY (tenant_id, organization_id, user_id)
                REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, group_id) REFERENCES organization_group (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX membership_group_by_group
            ON membership_group (tenant_id, group_id, user_id)
        """,
    ]
}
