import GatehouseSQL

extension MembershipRecords {
    /// The most memberships that are looked at to find those of whom the most is told.
    private static let mostLookedAt = 50_000
    /// How many of these people there are at most.
    private static let mostPeople = 10

    /// Those of whom tokens have to tell the most, roughly, among memberships of whom something is
    /// true: by how many there are, and by the scopes of each.
    func mostTold(among those: SQL) throws -> [User.ID] {
        let looked: SQL = """
            FROM (SELECT tenant_id, organization_id, user_id, scopes FROM membership
            WHERE tenant_id = \(tenantID) AND suspended_at IS NULL \(those)
            ORDER BY organization_id, user_id LIMIT \(Self.mostLookedAt)) AS m
            """
        return try transaction.rows(
            """
            SELECT user_id, SUM(bytes) AS told FROM (
                SELECT m.user_id AS user_id, 80 + LENGTH(m.scopes) AS bytes \(looked)
                UNION ALL
                SELECT m.user_id AS user_id, LENGTH(r.scopes) AS bytes
                \(looked) \(Self.roles)
                UNION ALL
                SELECT m.user_id AS user_id, LENGTH(r.scopes) AS bytes
                \(looked) \(Self.rolesOfGroups)
            ) AS parts
            GROUP BY user_id ORDER BY told DESC, user_id LIMIT \(Self.mostPeople)
            """
        ).map { User.ID(stored: try $0.text("user_id")) }
    }

    /// The memberships of those who have a role, by themselves or by a group.
    func holding(_ role: OrganizationRole.ID) -> SQL {
        """
        AND user_id IN (
            SELECT user_id FROM membership_role
            WHERE tenant_id = \(tenantID) AND role_id = \(role)
            UNION
            SELECT h.user_id FROM organization_group_role AS c
            JOIN membership_group AS h ON h.tenant_id = c.tenant_id AND h.group_id = c.group_id
            WHERE c.tenant_id = \(tenantID) AND c.role_id = \(role))
        """
    }

    /// The memberships of those who are in a group.
    func inGroup(_ group: OrganizationGroup.ID) -> SQL {
        """
        AND user_id IN (SELECT user_id FROM membership_group
            WHERE tenant_id = \(tenantID) AND group_id = \(group))
        """
    }

    /// The memberships of those who are in an organization.
    func inside(_ organization: Organization.ID) -> SQL {
        """
        AND user_id IN (SELECT user_id FROM membership
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization))
        """
    }
}

extension OrganizationAccess {
    /// The memberships that a client is told of; nil if it is told of none.
    var toldMemberships: SQL? {
        switch visible {
        case .none: return nil
        case .all: return ""
        case .only(let ids):
            guard let first = ids.min(by: { $0.text < $1.text }) else { return nil }
            var list: SQL = "\(first)"
            for id in ids where id != first { list = "\(list), \(id)" }
            return "AND organization_id IN (\(list))"
        }
    }
}

extension ClientRecords {
    /// Live clients that are told of organizations: the oldest, if there are very many.
    func someToldOfOrganizations() throws -> [Client] {
        try all(
            """
            AND disabled_at IS NULL AND policies LIKE '%"organizations":%'
            ORDER BY id LIMIT 200
            """)
    }
}
