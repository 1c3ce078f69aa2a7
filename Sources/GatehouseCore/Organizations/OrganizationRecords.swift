import GatehouseSQL

/// The organizations of one tenant and their roles.
package struct OrganizationRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, slug, name, metadata, created_at, updated_at, suspended_at, suspension_reason,
        suspended_by, removed_at, publisher_name, session_length, logos
        """

    /// True of an organization, called `o`, in which people act.
    static let isActive: SQL = "o.suspended_at IS NULL AND o.removed_at IS NULL"

    package func find(_ id: Organization.ID) throws -> Organization? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM organization
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(Organization.init)
    }

    package func find(_ slug: Slug) throws -> Organization? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM organization
            WHERE tenant_id = \(tenantID) AND slug = \(slug)
            """
        ).map(Organization.init)
    }

    /// Organizations after one of them, oldest first.
    package func list(after id: Organization.ID?, limit: Int) throws -> [Organization] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM organization
            WHERE tenant_id = \(tenantID) AND id > \(id?.text ?? "")
            ORDER BY id LIMIT \(limit)
            """
        ).map(Organization.init)
    }

    func count() throws -> Int64 {
        try transaction.row(
            "SELECT count(*) AS n FROM organization WHERE tenant_id = \(tenantID)"
        )?.integer("n") ?? 0
    }

    /// The organizations in which a user allowed clients something.
    func all(namedInConsentsOf user: User.ID) throws -> [Organization] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM organization
            WHERE tenant_id = \(tenantID) AND id IN (
                SELECT organization_id FROM consent
                WHERE tenant_id = \(tenantID) AND user_id = \(user))
            """
        ).map(Organization.init)
    }

    /// True if people act in it.
    func isActive(_ id: Organization.ID) throws -> Bool {
        try transaction.row(
            """
            SELECT o.id FROM organization AS o
            WHERE o.tenant_id = \(tenantID) AND o.id = \(id) AND \(Self.isActive)
            """) != nil
    }

    /// Adds an organization.
    ///
    /// False if the slug is taken.
    package func insert(_ organization: Organization) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO organization (tenant_id, id, slug, name, metadata, created_at, updated_at)
            VALUES (\(tenantID), \(organization.id), \(organization.slug),
                \(organization.name.text), \(organization.metadata.stored),
                \(organization.createdAt), \(organization.updatedAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Holds an organization's row until the transaction ends, so that what is read next stays true
    /// while it, or who is in it, is changed.
    ///
    /// False if there is no such organization.
    package func hold(_ id: Organization.ID) throws -> Bool {
        try transaction.execute(
            """
            UPDATE organization SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """) == 1
    }

    /// Holds an organization whose time is over; false if it was restored.
    func holdDue(_ id: Organization.ID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE organization SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id = \(id) AND removed_at <= \(now)
            """) == 1
    }

    /// Holds every organization that a user is in.
    func holdAll(of user: User.ID) throws {
        try transaction.execute(
            """
            UPDATE organization SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND id IN (
                SELECT organization_id FROM membership
                WHERE tenant_id = \(tenantID) AND user_id = \(user))
            """)
    }

    /// True if another organization has this slug.
    func isTaken(_ slug: Slug, by organization: Organization.ID) throws -> Bool {
        try transaction.row(
            """
            SELECT id FROM organization
            WHERE tenant_id = \(tenantID) AND slug = \(slug) AND id <> \(organization)
            """) != nil
    }

    /// Writes what may change of an organization.
    ///
    /// Look first whether a new slug is taken.
    package func update(_ organization: Organization) throws {
        // Whether people act in it decides what its clients may do.
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            UPDATE organization SET slug = \(organization.slug), name = \(organization.name.text),
                metadata = \(organization.metadata.stored),
                updated_at = \(organization.updatedAt),
                suspended_at = \(organization.suspension?.since),
                suspension_reason = \(organization.suspension?.reason),
                suspended_by = \(organization.suspension?.actor),
                removed_at = \(organization.removedAt),
                publisher_name = \(organization.publisherName?.text),
                session_length = \(organization.sessionLength?.seconds),
                logos = \(organization.logos?.stored)
            WHERE tenant_id = \(tenantID) AND id = \(organization.id)
            """)
    }

    /// Removes an organization with its roles and memberships, if its time is over.
    ///
    /// False if it was restored meanwhile.
    func remove(_ id: Organization.ID, at now: Timestamp) throws -> Bool {
        let isRemoved =
            try transaction.execute(
                """
                DELETE FROM organization
                WHERE tenant_id = \(tenantID) AND id = \(id) AND removed_at <= \(now)
                """) == 1
        guard isRemoved else { return false }
        let consents = ConsentRecords(tenantID: tenantID, transaction: transaction)
        try consents.takeBackAll(in: id, at: now)
        try transaction.execute(
            """
            DELETE FROM organization_role
            WHERE tenant_id = \(tenantID) AND organization_id = \(id)
            """)
        return true
    }
}

/// The roles of one tenant and of its organizations.
package struct OrganizationRoleRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a role, in a statement that calls the table `r`.
    static let columns: SQL = """
        r.id AS role_id, r.organization_id AS role_organization_id, r.name AS role_name,
        r.scopes AS role_scopes, r.created_at AS role_created_at, r.updated_at AS role_updated_at
        """

    /// The roles of an organization or, without one, of the tenant, by name.
    package func all(of organization: Organization.ID?) throws -> [OrganizationRole] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM organization_role AS r
            WHERE r.tenant_id = \(tenantID) AND r.organization_id = \(organization?.text ?? "")
            ORDER BY r.name
            """
        ).map(OrganizationRole.init)
    }

    /// The roles that an organization means by their names, by name: its own and, as far as these are
    /// not called the same, those of the tenant.
    package func allMeant(in organization: Organization.ID) throws -> [OrganizationRole] {
        let own = try all(of: organization)
        let names = Set(own.map(\.name))
        let others = try all(of: nil).filter { !names.contains($0.name) }
        return (own + others).sorted { $0.name < $1.name }
    }

    /// The role that has a name in just this organization or, without one, in the tenant.
    package func find(
        _ name: OrganizationRole.Name, of organization: Organization.ID?
    ) throws -> OrganizationRole? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM organization_role AS r
            WHERE r.tenant_id = \(tenantID) AND r.organization_id = \(organization?.text ?? "")
                AND r.name = \(name)
            """
        ).map(OrganizationRole.init)
    }

    /// The role that an organization means by a name, held: its own, or else that of the tenant.
    func holdMeant(
        _ name: OrganizationRole.Name, in organization: Organization.ID
    ) throws -> OrganizationRole? {
        for owner in [organization, nil] where try hold(name, of: owner) {
            return try find(name, of: owner)
        }
        return nil
    }

    /// Holds a role's row until the transaction ends; false if there is no such role.
    func hold(_ name: OrganizationRole.Name, of organization: Organization.ID?) throws -> Bool {
        try transaction.execute(
            """
            UPDATE organization_role SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization?.text ?? "")
                AND name = \(name)
            """) == 1
    }

    /// Adds a role; false if the name is taken.
    package func insert(_ role: OrganizationRole) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO organization_role (tenant_id, id, organization_id, name, scopes, created_at,
                updated_at)
            VALUES (\(tenantID), \(role.id), \(role.organizationID?.text ?? ""), \(role.name),
                \(role.scopes.stored), \(role.createdAt), \(role.updatedAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    func update(_ role: OrganizationRole) throws {
        try transaction.execute(
            """
            UPDATE organization_role SET scopes = \(role.scopes.stored),
                updated_at = \(role.updatedAt)
            WHERE tenant_id = \(tenantID) AND id = \(role.id)
            """)
    }

    func delete(_ id: OrganizationRole.ID) throws {
        try transaction.execute(
            "DELETE FROM organization_role WHERE tenant_id = \(tenantID) AND id = \(id)")
    }

    /// True if somebody has the role, or a group carries it.
    func isHeld(_ id: OrganizationRole.ID) throws -> Bool {
        try transaction.row(
            """
            SELECT role_id FROM membership_role
            WHERE tenant_id = \(tenantID) AND role_id = \(id)
            UNION ALL
            SELECT role_id FROM organization_group_role
            WHERE tenant_id = \(tenantID) AND role_id = \(id)
            LIMIT 1
            """) != nil
    }
}

extension TenantRecords {
    package var organizations: OrganizationRecords {
        OrganizationRecords(tenantID: tenantID, transaction: transaction)
    }
    package var organizationRoles: OrganizationRoleRecords {
        OrganizationRoleRecords(tenantID: tenantID, transaction: transaction)
    }
    package var memberships: MembershipRecords {
        MembershipRecords(tenantID: tenantID, transaction: transaction)
    }
}
