import GatehouseCore
import GatehouseScopes
import Testing

/// What tests do to organizations.
extension World {
    static func organization(_ slug: String = "initech") throws -> Organization {
        let name = try #require(DisplayName(parsing: "Initech"))
        return Organization(
            slug: Slug(parsing: slug) ?? "initech",
            name: name, at: start)
    }

    static func names(_ texts: [String]) -> [OrganizationRole.Name] {
        texts.compactMap(OrganizationRole.Name.init(parsing:))
    }

    func organization(_ slug: String = "initech") async throws -> Organization {
        let change = try await gatehouse.organizations.create(
            try Self.organization(slug), ownedBy: nil, in: acme.id, on: Self.occasion())
        guard case .changed(let organization) = change else {
            // Of the test before: the last one of its slug is used up.
            return try await self.organization(slug + "x")
        }
        return organization
    }

    func user() async throws -> User.ID {
        let user = User(name: nil, email: nil, username: nil, passwordHash: nil, at: Self.start)
        _ = try await records { try $0.users.insert(user) }
        return user.id
    }

    func role(
        _ name: String, _ scopes: [String], of organization: Organization? = nil
    ) async throws {
        let role = OrganizationRole(
            try #require(OrganizationRole.Name(parsing: name)),
            try #require(MembershipScopes(parsing: scopes)), of: organization?.id, at: Self.start)
        _ = try await gatehouse.organizationRoles.create(role, in: acme.id, on: Self.occasion())
    }

    @discardableResult
    func add(
        _ user: User.ID, to organization: Organization, scopes: [String] = [],
        roles: [String] = []
    ) async throws -> Membership {
        let change = try await gatehouse.memberships.add(
            user, to: organization.id,
            as: MembershipChange(
                scopes: MembershipScopes(parsing: scopes), roles: Self.names(roles)),
            of: acme.id, on: Self.occasion())
        guard case .changed(let membership) = change else { throw Surprise() }
        return membership
    }

    func update(
        _ user: User.ID, in organization: Organization, _ change: MembershipChange
    ) async throws -> AdministerMemberships.Change {
        try await gatehouse.memberships.update(
            user, in: organization.id, by: change, of: acme.id, on: Self.occasion())
    }

    func members(of organization: Organization) async throws -> [Membership] {
        try await gatehouse.memberships.list(
            in: organization.id, of: acme.id, after: nil, limit: 100)
    }

    func removeExpired(after delay: Lifetime) async throws {
        let job = RemoveExpired(database: database, holder: "a")
        while try await job.run(at: Self.start + delay) {}
    }

}

/// A use case did something else than it should.
struct Surprise: Error {}

extension AdministerMemberships.Change {
    var kind: String { String("\(self)".prefix { $0.isLetter }) }
}

extension AdministerOrganizations.Change {
    var kind: String { String("\(self)".prefix { $0.isLetter }) }
}
