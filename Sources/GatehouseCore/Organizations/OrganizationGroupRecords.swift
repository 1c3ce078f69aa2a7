import GatehouseSQL

/// The groups of one tenant's organizations, and who is in them.
package struct OrganizationGroupRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let groups: SQL = """
        SELECT g.id AS group_id, g.organization_id AS group_organization_id, g.name AS group_name,
            g.created_at AS group_created_at, g.updated_at AS group_updated_at,
            \(OrganizationRoleRecords.columns)
        FROM organization_group AS g
        LEFT JOIN organization_group_role AS c ON c.tenant_id = g.tenant_id AND c.group_id = g.id
        LEFT JOIN organization_role AS r ON r.tenant_id = c.tenant_id AND r.id = c.role_id
        """

    /// The groups of an organization, by name.
    package func all(of organization: Organization.ID) throws -> [OrganizationGroup] {
        try Self.grouped(
            transaction.rows(
                """
                \(Self.groups)
                WHERE g.tenant_id = \(tenantID) AND g.organization_id = \(organization)
                ORDER BY g.name, r.name
                """))
    }

    package func find(
        _ name: OrganizationGroup.Name, of organization: Organization.ID
    ) throws -> OrganizationGroup? {
        try Self.grouped(
            transaction.rows(
                """
                \(Self.groups)
                WHERE g.tenant_id = \(tenantID) AND g.organization_id = \(organization)
                    AND g.name = \(name)
                ORDER BY r.name
                """)
        ).first
    }

    private static func grouped(_ rows: [Row]) throws -> [OrganizationGroup] {
        try rows.grouped(by: "group_id", OrganizationGroup.init) { try $0.addRole(of: $1) }
    }

    func count(of organization: Organization.ID) throws -> Int64 {
        try transaction.row(
            """
            SELECT count(*) AS n FROM organization_group
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
            """
        )?.integer("n") ?? 0
    }

    // MARK: Changes

    /// Adds a group; false if the name is taken.
    func insert(_ group: OrganizationGroup) throws -> Bool {
        let isNew =
            try transaction.execute(
                """
                INSERT INTO organization_group (tenant_id, id, organization_id, name, is_owner,
                    created_at, updated_at)
                VALUES (\(tenantID), \(group.id), \(group.organizationID), \(group.name),
                    \(group.isOwner ? 1 : 0), \(group.createdAt), \(group.updatedAt))
                ON CONFLICT DO NOTHING
                """) == 1
        if isNew { try insertRoles(of: group) }
        return isNew
    }

    func update(_ group: OrganizationGroup) throws {
        try transaction.execute(
            """
            UPDATE organization_group SET is_owner = \(group.isOwner ? 1 : 0),
                updated_at = \(group.updatedAt)
            WHERE tenant_id = \(tenantID) AND id = \(group.id)
            """)
        try transaction.execute(
            """
            DELETE FROM organization_group_role
            WHERE tenant_id = \(tenantID) AND group_id = \(group.id)
            """)
        try insertRoles(of: group)
    }

    private func insertRoles(of group: OrganizationGroup) throws {
        for role in group.roles {
            try transaction.execute(
                """
                INSERT INTO organization_group_role (tenant_id, group_id, role_id)
                VALUES (\(tenantID), \(group.id), \(role.id))
                """)
        }
    }

    /// Deletes a group; who was in it stays in the organization.
    func delete(_ id: OrganizationGroup.ID) throws {
        try transaction.execute(
            "DELETE FROM organization_group WHERE tenant_id = \(tenantID) AND id = \(id)")
    }

    /// Puts a member into a group; false if they are in it already.
    func put(_ membership: Membership, into group: OrganizationGroup.ID) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO membership_group (tenant_id, organization_id, user_id, group_id)
            VALUES (\(tenantID), \(membership.organizationID), \(membership.userID), \(group))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Takes a member out of a group; false if they are not in it.
    func take(_ membership: Membership, outOf group: OrganizationGroup.ID) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM membership_group
            WHERE tenant_id = \(tenantID) AND organization_id = \(membership.organizationID)
                AND user_id = \(membership.userID) AND group_id = \(group)
            """) == 1
    }
}

extension TenantRecords {
    package var organizationGroups: OrganizationGroupRecords {
        OrganizationGroupRecords(tenantID: tenantID, transaction: transaction)
    }
}
