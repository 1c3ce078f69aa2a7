import GatehouseSQL

/// Who is in which organization of one tenant.
package struct MembershipRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        m.organization_id, m.user_id, m.title, m.scopes, m.joined_at, m.updated_at, m.suspended_at
        """
    private static let roles: SQL = """
        LEFT JOIN membership_role AS h
            ON h.tenant_id = m.tenant_id AND h.organization_id = m.organization_id
                AND h.user_id = m.user_id
        LEFT JOIN organization_role AS r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
        """

    package func find(
        _ user: User.ID, in organization: Organization.ID
    ) throws -> Membership? {
        try Self.members(
            transaction.rows(
                """
                SELECT \(Self.columns), \(OrganizationRoleRecords.columns) FROM membership AS m
                \(Self.roles)
                WHERE m.tenant_id = \(tenantID) AND m.organization_id = \(organization)
                    AND m.user_id = \(user)
                ORDER BY r.name
                """)
        ).first
    }

    /// The members of an organization after one of them, by the ids of the users.
    package func list(
        of organization: Organization.ID, after user: User.ID?, limit: Int
    ) throws -> [Membership] {
        try Self.members(
            transaction.rows(
                """
                SELECT \(Self.columns), \(OrganizationRoleRecords.columns) FROM (
                    SELECT * FROM membership
                    WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                        AND user_id > \(user?.text ?? "")
                    ORDER BY user_id LIMIT \(limit)) AS m
                \(Self.roles)
                ORDER BY m.user_id, r.name
                """))
    }

    /// The rows of a join, one membership for all of its roles: rows of one member, or of one
    /// organization, stand together.
    private static func grouped<Value>(
        _ rows: [Row], by column: String, _ make: (Row) throws -> Value,
        _ add: (inout Value, Row) throws -> Void
    ) throws -> [Value] {
        var values: [Value] = []
        var last: String?
        for row in rows {
            let key = try row.text(column)
            if let index = values.indices.last, key == last {
                try add(&values[index], row)
            } else {
                values.append(try make(row))
                last = key
            }
        }
        return values
    }

    private static func members(_ rows: [Row]) throws -> [Membership] {
        try grouped(rows, by: "user_id", Membership.init) { try $0.addRole(of: $1) }
    }

    // MARK: For tokens

    private static let current: SQL = """
        SELECT m.organization_id, o.slug, o.name, m.title, m.scopes, m.joined_at,
            r.name AS role_name, r.scopes AS role_scopes
        FROM membership AS m
        JOIN organization AS o
            ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
                AND o.suspended_at IS NULL AND o.removed_at IS NULL
        \(roles)
        """

    /// The memberships of a user that count now, by the ids of the organizations: one question,
    /// however many there are.
    ///
    /// The order is made here. Asked for it, SQLite would read all members of all organizations in
    /// that order, rather than sort those of one user.
    package func allCurrent(of user: User.ID) throws -> [CurrentMembership] {
        let rows = try transaction.rows(
            """
            \(Self.current)
            WHERE m.tenant_id = \(tenantID) AND m.user_id = \(user) AND m.suspended_at IS NULL
            ORDER BY m.joined_at, m.organization_id, r.name
            """)
        return try Self.currentMemberships(rows).sorted {
            $0.organizationID.text < $1.organizationID.text
        }
    }

    private static func currentMemberships(_ rows: [Row]) throws -> [CurrentMembership] {
        try grouped(rows, by: "organization_id", CurrentMembership.init) {
            try $0.addRole(of: $1)
        }
    }

    /// The membership of a user in one organization, if it counts now.
    package func findCurrent(
        of user: User.ID, in organization: Organization.ID
    ) throws -> CurrentMembership? {
        let rows = try transaction.rows(
            """
            \(Self.current)
            WHERE m.tenant_id = \(tenantID) AND m.user_id = \(user)
                AND m.organization_id = \(organization) AND m.suspended_at IS NULL
            ORDER BY r.name
            """)
        return try Self.currentMemberships(rows).first
    }

    // MARK: Owners

    /// True if somebody else owns the organization and may act there.
    ///
    /// Hold the organization first: of two owners who leave at once, the second must see that the
    /// first is gone.
    func hasOwner(_ organization: Organization.ID, besides user: User.ID) throws -> Bool {
        try transaction.row(
            """
            SELECT user_id FROM membership
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND is_owner = 1 AND suspended_at IS NULL AND user_id <> \(user) LIMIT 1
            """) != nil
    }

    /// An organization that nobody but the user owns; nil if there is none.
    func organizationOwnedAlone(by user: User.ID) throws -> Organization.ID? {
        try transaction.row(
            """
            SELECT m.organization_id FROM membership AS m
            WHERE m.tenant_id = \(tenantID) AND m.user_id = \(user) AND m.is_owner = 1
                AND m.suspended_at IS NULL AND NOT EXISTS (
                    SELECT 1 FROM membership AS n
                    WHERE n.tenant_id = m.tenant_id AND n.organization_id = m.organization_id
                        AND n.is_owner = 1 AND n.suspended_at IS NULL AND n.user_id <> m.user_id)
            LIMIT 1
            """
        ).map { Organization.ID(stored: try $0.text("organization_id")) }
    }

    // MARK: Changes

    /// Adds a membership; false if the user is in the organization already.
    func insert(_ membership: Membership) throws -> Bool {
        let isNew =
            try transaction.execute(
                """
                INSERT INTO membership (tenant_id, organization_id, user_id, title, scopes, is_owner,
                    joined_at, updated_at, suspended_at)
                VALUES (\(tenantID), \(membership.organizationID), \(membership.userID),
                    \(membership.title?.text), \(membership.scopes.stored),
                    \(membership.isOwner ? 1 : 0), \(membership.joinedAt),
                    \(membership.updatedAt), \(membership.suspendedAt))
                ON CONFLICT DO NOTHING
                """) == 1
        if isNew { try insertRoles(of: membership) }
        return isNew
    }

    func update(_ membership: Membership) throws {
        try transaction.execute(
            """
            UPDATE membership SET title = \(membership.title?.text),
                scopes = \(membership.scopes.stored), is_owner = \(membership.isOwner ? 1 : 0),
                updated_at = \(membership.updatedAt), suspended_at = \(membership.suspendedAt)
            WHERE tenant_id = \(tenantID) AND organization_id = \(membership.organizationID)
                AND user_id = \(membership.userID)
            """)
        try transaction.execute(
            """
            DELETE FROM membership_role
            WHERE tenant_id = \(tenantID) AND organization_id = \(membership.organizationID)
                AND user_id = \(membership.userID)
            """)
        try insertRoles(of: membership)
    }

    private func insertRoles(of membership: Membership) throws {
        for role in membership.roles {
            try transaction.execute(
                """
                INSERT INTO membership_role (tenant_id, organization_id, user_id, role_id)
                VALUES (\(tenantID), \(membership.organizationID), \(membership.userID), \(role.id))
                """)
        }
    }

    /// Ends a membership; false if there is none.
    func delete(_ user: User.ID, in organization: Organization.ID) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM membership
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND user_id = \(user)
            """) == 1
    }

    /// The organizations that a user is in, by id.
    func organizations(of user: User.ID) throws -> [Organization.ID] {
        try transaction.rows(
            """
            SELECT organization_id FROM membership
            WHERE tenant_id = \(tenantID) AND user_id = \(user) ORDER BY organization_id
            """
        ).map { Organization.ID(stored: try $0.text("organization_id")) }
    }

    /// Ends some memberships of an organization that is about to be removed, and returns how many.
    func deleteSome(of organization: Organization.ID, atMost limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM membership WHERE tenant_id = \(tenantID)
                AND organization_id = \(organization) AND user_id IN (
                    SELECT user_id FROM membership
                    WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                    LIMIT \(limit))
            """)
    }
}
