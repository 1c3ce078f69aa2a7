import GatehouseProtocol
private import GatehouseScopes
import GatehouseSQL

/// That a user is in an organization, and what they may do there.
package struct Membership: Sendable {
    package let organizationID: Organization.ID
    package let userID: User.ID
    /// What the person is there, such as “Founder”; nobody decides anything by it.
    package private(set) var title: DisplayName?
    /// What they may do besides what their roles say.
    package private(set) var scopes: MembershipScopes
    package private(set) var roles: [OrganizationRole]
    /// The groups that they are in, by name, and the roles that they have by these.
    package private(set) var groups: [OrganizationGroup.Name]
    package private(set) var rolesOfGroups: [OrganizationRole]
    package let joinedAt: Timestamp
    package private(set) var updatedAt: Timestamp
    /// Since when it does not count; nil if it does.
    package private(set) var suspendedAt: Timestamp?

    /// The most roles that one member may have.
    package static let mostRoles = 20

    init(of user: User.ID, in organization: Organization.ID, at now: Timestamp) {
        organizationID = organization
        userID = user
        title = nil
        scopes = .none
        roles = []
        groups = []
        rolesOfGroups = []
        joinedAt = now
        updatedAt = now
        suspendedAt = nil
    }

    /// True if the person owns the organization by a scope or a role of their own, suspended or not.
    var ownsByItself: Bool { scopes.contains(.owner) || roles.contains(where: \.isOwner) }

    /// True if the person owns the organization by whatever they have, suspended or not.
    package var isOwner: Bool { ownsByItself || rolesOfGroups.contains(where: \.isOwner) }

    /// True if the person owns the organization and may act there.
    var isActiveOwner: Bool { isOwner && suspendedAt == nil }

    /// Everything that the person may do there, by whatever they have it.
    package var allScopes: MembershipScopes {
        MembershipScopes(of: scopes.values + (roles + rolesOfGroups).flatMap(\.scopes.values))
    }

    /// The same membership with a change made; the roles were looked up.
    func changed(
        by change: MembershipChange, roles: [OrganizationRole]?, at now: Timestamp
    ) -> Membership {
        var membership = self
        if let title = change.title { membership.title = title }
        if let scopes = change.scopes { membership.scopes = scopes }
        if let roles { membership.roles = roles }
        switch change.state {
        case nil: break
        case .active: membership.suspendedAt = nil
        case .suspended: membership.suspendedAt = suspendedAt ?? now
        }
        membership.updatedAt = now
        return membership
    }

    /// Takes a membership from a row, with the one role that stands in it, if any.
    init(_ row: Row) throws {
        organizationID = Organization.ID(stored: try row.text("organization_id"))
        userID = User.ID(stored: try row.text("user_id"))
        title = try row.optionalText("title").flatMap(DisplayName.init(parsing:))
        scopes = try MembershipScopes(stored: try row.text("scopes"))
        roles = []
        groups = []
        rolesOfGroups = []
        joinedAt = Timestamp(milliseconds: try row.integer("joined_at"))
        updatedAt = Timestamp(milliseconds: try row.integer("updated_at"))
        suspendedAt = try row.optionalInteger("suspended_at").map(Timestamp.init(milliseconds:))
        try addRole(of: row)
    }

    /// Adds what another row of the same membership says: a role, a group, or a role of a group.
    mutating func addRole(of row: Row) throws {
        let group = try row.text("group_name")
        if !group.isEmpty, groups.last?.text != group {
            groups.append(OrganizationGroup.Name(stored: group))
        }
        guard try row.optionalText("role_id") != nil else { return }
        let role = try OrganizationRole(row)
        if group.isEmpty {
            roles.append(role)
        } else {
            rolesOfGroups.append(role)
        }
    }
}

/// What is to become of a membership; what is nil stays.
package struct MembershipChange: Sendable {
    package var title: DisplayName??
    package var scopes: MembershipScopes?
    package var roles: [OrganizationRole.Name]?
    package var state: State?
    /// When the membership was changed last, as whoever wants this saw it; nil if that does not
    /// matter.
    package var basis: Timestamp?

    package enum State: Sendable { case active, suspended }

    package init(
        title: DisplayName?? = nil, scopes: MembershipScopes? = nil,
        roles: [OrganizationRole.Name]? = nil, state: State? = nil, basis: Timestamp? = nil
    ) {
        self.title = title
        self.scopes = scopes
        self.roles = roles
        self.state = state
        self.basis = basis
    }
}

/// A membership that counts now, with what pages show and sign-in asks of its organization.
package struct CurrentMembership: Sendable {
    /// What tokens tell of it.
    private(set) var told: ToldMembership
    package let slug: Slug
    package let organizationName: String
    /// How long a sign-in counts there at most; nil if the organization does not say.
    let sessionLength: Lifetime?
    /// The logos that are kept for the organization.
    package let organizationLogos: Logos?
    private var roles: [String]

    /// The columns that it is made of: of a membership `m`, its organization `o` and a role `r`.
    static let columns: SQL = """
        \(ToldMembership.columns), o.slug, o.name, o.session_length, o.logos, r.name AS role_name
        """

    init(_ row: Row) throws {
        told = try ToldMembership(row)
        slug = Slug(stored: try row.text("slug"))
        organizationName = try row.text("name")
        sessionLength = try row.optionalInteger("session_length").map(Lifetime.seconds)
        organizationLogos = try row.optionalText("logos").map(Logos.init(stored:))
        roles = []
        try addRoleName(of: row)
    }

    /// Adds the role of another row of the same membership.
    mutating func addRole(of row: Row) throws {
        try told.addRole(of: row)
        try addRoleName(of: row)
    }

    private mutating func addRoleName(of row: Row) throws {
        if let name = try row.optionalText("role_name") { roles.append(name) }
    }

    package var organizationID: Organization.ID { told.organizationID }

    /// What the person may do there: of roles and of the membership itself, sorted, each once.
    package var scopes: [String] { told.scopes }

    /// True if a sign-in was too long ago for the organization.
    func isOver(_ authenticatedAt: Timestamp, at now: Timestamp) -> Bool {
        sessionLength.map { authenticatedAt + $0 <= now } ?? false
    }

    /// The names of the roles that the person has there, by whatever they have them, sorted and each
    /// once.
    package var roleNames: [String] { Set(roles).sorted() }

    /// The membership as the only one that a token is about.
    var selection: SelectedOrganization {
        SelectedOrganization(told.claim, role: roleNames.first, roles: roleNames)
    }
}
