import GatehouseSQL

extension Schema {
    /// Organizations, their roles, who is in them, and which one a grant is for.
    static let organizations: [SQL] = [
        """
        CREATE TABLE organization (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            slug \(type: .text) NOT NULL,
            name \(type: .text) NOT NULL,
            metadata \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            suspended_at \(type: .timestamp),
            suspension_reason \(type: .text),
            suspended_by \(type: .text),
            removed_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, slug),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX organization_by_removal ON organization (removed_at)
        """,
        """
        CREATE TABLE organization_role (
            tenant_id \(type: .id) NOT NULL,
            id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            name \(type: .text) NOT NULL,
            scopes \(type: .text) NOT NULL,
            created_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, id),
            UNIQUE (tenant_id, organization_id, name),
            FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
        )\(type: .endOfTable)
        """,
        """
        CREATE TABLE membership (
            tenant_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            title \(type: .text),
            scopes \(type: .text) NOT NULL,
            is_owner \(type: .integer) NOT NULL,
            joined_at \(type: .timestamp) NOT NULL,
            updated_at \(type: .timestamp) NOT NULL,
            suspended_at \(type: .timestamp),
            PRIMARY KEY (tenant_id, organization_id, user_id),
            FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
                ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
                ON DELETE CASCADE
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX membership_by_user ON membership (tenant_id, user_id)
        """,
        """
        CREATE INDEX membership_by_ownership
            ON membership (tenant_id, organization_id) WHERE is_owner = 1
        """,
        """
        CREATE TABLE membership_role (
            tenant_id \(type: .id) NOT NULL,
            organization_id \(type: .id) NOT NULL,
            user_id \(type: .id) NOT NULL,
            role_id \(type: .id) NOT NULL,
            PRIMARY KEY (tenant_id, organization_id, user_id, role_id),
            FOREIGN KEY (tenant_id, organization_id, user_id)
                REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE,
            FOREIGN KEY (tenant_id, role_id) REFERENCES organization_role (tenant_id, id)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX membership_role_by_role ON membership_role (tenant_id, role_id)
        """,
        """
        ALTER TABLE authorization_grant ADD COLUMN organization_id \(type: .id)
        """,
        """
        ALTER TABLE interaction ADD COLUMN organization_id \(type: .id)
        """,
    ]
}
