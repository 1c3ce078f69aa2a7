import GatehouseSQL

/// Who is in which organization of one tenant.
package struct MembershipRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        m.organization_id AS organization_id, m.user_id AS user_id, m.title, m.scopes,
        m.joined_at, m.updated_at, m.suspended_at
        """
    /// What a membership may have of its own, and what by its groups: two questions that are asked
    /// as one.
    static let roles: SQL = """
        LEFT JOIN membership_role AS h
            ON h.tenant_id = m.tenant_id AND h.organization_id = m.organization_id
                AND h.user_id = m.user_id
        LEFT JOIN organization_role AS r ON r.tenant_id = h.tenant_id AND r.id = h.role_id
        """
    static let rolesOfGroups: SQL = """
        JOIN membership_group AS h
            ON h.tenant_id = m.tenant_id AND h.organization_id = m.organization_id
                AND h.user_id = m.user_id
        JOIN organization_group AS g ON g.tenant_id = h.tenant_id AND g.id = h.group_id
        LEFT JOIN organization_group_role AS c ON c.tenant_id = g.tenant_id AND c.group_id = g.id
        LEFT JOIN organization_role AS r ON r.tenant_id = c.tenant_id AND r.id = c.role_id
        """

    package func find(
        _ user: User.ID, in organization: Organization.ID
    ) throws -> Membership? {
        try members(
            "AND organization_id = \(organization) AND user_id = \(user)"
        ).first
    }

    /// The members of an organization, or of one of its groups, or those who are looked for, after one
    /// of them, by the ids of the users.
    package func list(
        of organization: Organization.ID, in group: OrganizationGroup.ID? = nil,
        matching search: MemberSearch? = nil, after user: User.ID?, limit: Int
    ) throws -> [Membership] {
        var those: SQL = ""
        if let search {
            those = """
                AND EXISTS (SELECT 1 FROM user_account AS u
                    WHERE u.tenant_id = \(tenantID) AND u.id = membership.user_id
                        AND (u.email_key LIKE \(search.pattern) ESCAPE '!'
                            OR u.username_key LIKE \(search.pattern) ESCAPE '!'))
                """
        }
        if let group {
            those = """
                \(those) AND user_id IN (SELECT user_id FROM membership_group
                    WHERE tenant_id = \(tenantID) AND group_id = \(group))
                """
        }
        return try members(
            """
            AND organization_id = \(organization) AND user_id > \(user?.text ?? "") \(those)
            ORDER BY user_id LIMIT \(limit)
            """)
    }

    /// Those who own an organization by whatever they have, suspended or not, by the ids of the users.
    func owners(of organization: Organization.ID, limit: Int) throws -> [Membership] {
        try members(
            """
            AND organization_id = \(organization) AND (is_owner = 1 OR EXISTS (
                SELECT 1 FROM membership_group AS h
                JOIN organization_group AS g ON g.tenant_id = h.tenant_id AND g.id = h.group_id
                WHERE h.tenant_id = \(tenantID) AND h.organization_id = membership.organization_id
                    AND h.user_id = membership.user_id AND g.is_owner = 1))
            ORDER BY user_id LIMIT \(limit)
            """)
    }

    /// The members of whom something is true, with all their roles.
    private func members(_ those: SQL) throws -> [Membership] {
        let rows = try transaction.rows(
            """
            SELECT \(Self.columns), '' AS group_name, \(OrganizationRoleRecords.columns)
            FROM (SELECT * FROM membership WHERE tenant_id = \(tenantID) \(those)) AS m
            \(Self.roles)
            UNION ALL
            SELECT \(Self.columns), g.name AS group_name, \(OrganizationRoleRecords.columns)
            FROM (SELECT * FROM membership WHERE tenant_id = \(tenantID) \(those)) AS m
            \(Self.rolesOfGroups)
            ORDER BY user_id, group_name, role_name
            """)
        return try rows.grouped(by: "user_id", Membership.init) { try $0.addRole(of: $1) }
    }

    // MARK: For tokens

    /// The memberships of a user that count now, by the ids of the organizations: one question,
    /// however many there are.
    package func allCurrent(of user: User.ID) throws -> [CurrentMembership] {
        try currentMemberships(of: user)
    }

    /// What tokens tell of them, in the same order.
    func allTold(of user: User.ID) throws -> [ToldMembership] {
        try currentRows(ToldMembership.columns, of: user)
            .grouped(by: "organization_id", ToldMembership.init) { try $0.addRole(of: $1) }
    }

    /// The membership of a user in one organization, if it counts now.
    package func findCurrent(
        of user: User.ID, in organization: Organization.ID
    ) throws -> CurrentMembership? {
        try currentMemberships(of: user, "AND m.organization_id = \(organization)").first
    }

    /// True if the user is in the organization, and people act there.
    func isCurrent(_ user: User.ID, in organization: Organization.ID) throws -> Bool {
        try transaction.row(
            """
            SELECT m.user_id FROM membership AS m
            JOIN organization AS o
                ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
                    AND \(OrganizationRecords.isActive)
            WHERE m.tenant_id = \(tenantID) AND m.organization_id = \(organization)
                AND m.user_id = \(user) AND m.suspended_at IS NULL
            """) != nil
    }

    private func currentMemberships(
        of user: User.ID, _ those: SQL = ""
    ) throws -> [CurrentMembership] {
        try currentRows(CurrentMembership.columns, of: user, those)
            .grouped(by: "organization_id", CurrentMembership.init) { try $0.addRole(of: $1) }
    }

    /// The order is made here.
    ///
    /// Asked for it, SQLite would look for groups in one organization of the user after the other,
    /// rather than find those of the user at once.
    private func currentRows(
        _ columns: SQL, of user: User.ID, _ those: SQL = ""
    ) throws -> [Row] {
        let memberships: SQL = """
            SELECT \(columns) FROM membership AS m
            JOIN organization AS o
                ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
                    AND \(OrganizationRecords.isActive)
            """
        let current: SQL = """
            WHERE m.tenant_id = \(tenantID) AND m.user_id = \(user) AND m.suspended_at IS NULL
                \(those)
            """
        return try transaction.rows(
            """
            \(memberships) \(Self.roles) \(current)
            UNION ALL
            \(memberships) \(Self.rolesOfGroups) \(current)
            """
        ).sorted(by: "organization_id")
    }

    // MARK: Owners

    /// True if somebody owns the organization and may act there, besides a user and whoever does so
    /// only by a group, if these are named.
    ///
    /// Hold the organization first: of two owners who leave at once, the second must see that the
    /// first is gone.
    func hasOwner(
        _ organization: Organization.ID, besides user: User.ID? = nil,
        andBesides group: OrganizationGroup.ID? = nil
    ) throws -> Bool {
        try transaction.row(
            """
            SELECT user_id FROM membership
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND is_owner = 1 AND suspended_at IS NULL AND user_id <> \(user?.text ?? "")
            UNION ALL
            SELECT m.user_id FROM organization_group AS g
            JOIN membership_group AS h ON h.tenant_id = g.tenant_id AND h.group_id = g.id
            JOIN membership AS m
                ON m.tenant_id = h.tenant_id AND m.organization_id = h.organization_id
                    AND m.user_id = h.user_id
            WHERE g.tenant_id = \(tenantID) AND g.organization_id = \(organization)
                AND g.is_owner = 1 AND g.id <> \(group?.text ?? "")
                AND m.suspended_at IS NULL AND m.user_id <> \(user?.text ?? "")
            LIMIT 1
            """) != nil
    }

    /// An organization that nobody but the user owns; nil if there is none.
    func organizationOwnedAlone(by user: User.ID) throws -> Organization.ID? {
        let owned = try transaction.rows(
            """
            SELECT organization_id FROM membership
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND is_owner = 1
                AND suspended_at IS NULL
            UNION
            SELECT m.organization_id AS organization_id FROM membership AS m
            JOIN membership_group AS h
                ON h.tenant_id = m.tenant_id AND h.organization_id = m.organization_id
                    AND h.user_id = m.user_id
            JOIN organization_group AS g
                ON g.tenant_id = h.tenant_id AND g.id = h.group_id AND g.is_owner = 1
            WHERE m.tenant_id = \(tenantID) AND m.user_id = \(user) AND m.suspended_at IS NULL
            ORDER BY organization_id
            """
        ).map { Organization.ID(stored: try $0.text("organization_id")) }
        return try owned.first { try !hasOwner($0, besides: user) }
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
                    \(membership.ownsByItself ? 1 : 0), \(membership.joinedAt),
                    \(membership.updatedAt), \(membership.suspendedAt))
                ON CONFLICT DO NOTHING
                """) == 1
        guard isNew else { return false }
        try insertRoles(of: membership)
        try transaction.send(
            """
            DELETE FROM organization_departure
            WHERE tenant_id = \(tenantID) AND organization_id = \(membership.organizationID)
                AND user_id = \(membership.userID)
            """)
        return true
    }

    func update(_ membership: Membership) throws {
        try transaction.execute(
            """
            UPDATE membership SET title = \(membership.title?.text),
                scopes = \(membership.scopes.stored), is_owner = \(membership.ownsByItself ? 1 : 0),
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
    ///
    /// Whoever is out stays out: no domain makes them a member again.
    func delete(
        _ user: User.ID, in organization: Organization.ID, at now: Timestamp
    ) throws -> Bool {
        let wasMember =
            try transaction.execute(
                """
                DELETE FROM membership
                WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                    AND user_id = \(user)
                """) == 1
        guard wasMember else { return false }
        try transaction.send(
            """
            INSERT INTO organization_departure (tenant_id, organization_id, user_id, departed_at)
            VALUES (\(tenantID), \(organization), \(user), \(now)) ON CONFLICT DO NOTHING
            """)
        return true
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
