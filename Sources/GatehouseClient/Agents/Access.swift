internal import GatehouseEncoding
private import GatehouseScopes

/// What somebody may do, read from the claims of a token.
struct Access: Sendable, Equatable {
    /// Where they belong.
    let organizations: [OrganizationMembership]
    /// The only organization that the token is about, if it is about one.
    let organizationID: String?
    /// What they may do in that organization, or what the token was granted if it does not say.
    let permissions: [String]

    /// The most organizations that are read.
    private static let mostOrganizations = 10_000

    /// Reads the claims; they are the same in access tokens, ID tokens and answers about a person.
    init(_ claims: JSONObject, granted: [String]) throws(ClientError) {
        var organizations: [OrganizationMembership] = []
        if let value = claims["organizations"] {
            guard let members = value.array, members.count <= Self.mostOrganizations else {
                throw .untrustworthy(.organizations)
            }
            organizations = members.compactMap(OrganizationMembership.init)
            guard organizations.count == members.count else {
                throw .untrustworthy(.organizations)
            }
        }
        self.organizations = organizations
        organizationID = claims["org_id"]?.string
        // A machine of an organization has no role there, only what it was granted.
        let held = organizationID == nil ? nil : claims["permissions"]
        permissions = held.map { $0.strings ?? [] } ?? granted
    }

    /// What somebody may do in an organization; nothing where they do not belong.
    func scopes(in organization: String) -> [String] {
        if let organizationID, organizationID.isExactly(organization) { return permissions }
        return organizations.first { $0.id.isExactly(organization) }?.scopes ?? []
    }

    /// Whether an action is allowed in an organization.
    func allows(_ action: String, on resource: String, in organization: String) -> Bool {
        Self.allow(action, resource, scopes(in: organization))
    }

    /// Whether an action is allowed by what the token itself was granted.
    func allows(_ action: String, on resource: String) -> Bool {
        Self.allow(action, resource, permissions)
    }

    /// Whether one of the bare words `owner`, `admin` and `member` stands there; wildcards imply
    /// none.
    func has(_ word: String, in organization: String) -> Bool {
        scopes(in: organization).contains { $0.isExactly(word) }
    }

    /// Whether somebody belongs to an organization at all.
    func isMember(of organization: String) -> Bool {
        organizations.contains { $0.id.isExactly(organization) }
            || organizationID?.isExactly(organization) ?? false
    }

    private static func allow(_ action: String, _ resource: String, _ held: [String]) -> Bool {
        MembershipScope.allow(
            action, on: resource, held: held.compactMap { MembershipScope($0) })
    }
}
