package import GatehouseEncoding

/// What a token says of the organizations of whomever it is about.
public enum OrganizationClaims: Sendable, Equatable {
    /// All of them that the client may see.
    case all([OrganizationClaim])
    /// The only one that the token is about.
    case selected(SelectedOrganization)
    /// The one that a client which acts for itself belongs to, by its id.
    case owner(String)

    /// The names that they have, whichever they are.
    public static let names = ["organizations", "org_id", "role", "roles", "permissions"]

    /// The claims, the same in tokens and answers.
    package var jsonObject: JSONObject {
        switch self {
        case .all(let organizations):
            ["organizations": .array(organizations.map { .object($0.jsonObject) })]
        case .selected(let organization): organization.jsonObject
        case .owner(let id): ["org_id": .string(id)]
        }
    }

    /// Adds the claims to a token or an answer.
    package func write(to json: inout JSONMembers) { json.add(jsonObject) }
}

/// One organization of several that a person is in.
public struct OrganizationClaim: Sendable, Equatable {
    /// The organization.
    public let id: String
    /// What the person is there, such as “Founder”.
    public let title: String?
    /// What the person may do there, sorted.
    public let scopes: [String]
    /// Since when they have been in it, in seconds since 1970.
    public let joinedAt: Int64

    /// Makes a claim of its parts.
    public init(id: String, title: String?, scopes: [String], joinedAt: Int64) {
        self.id = id
        self.title = title
        self.scopes = scopes
        self.joinedAt = joinedAt
    }

    fileprivate var jsonObject: JSONObject {
        [
            "id": .string(id), "title": title.map { .string($0) } ?? .null,
            "scopes": .array(scopes.map { .string($0) }), "joined_at": .integer(joinedAt),
        ]
    }
}

/// The organization that was selected for a sign-in, and what the person may do there.
public struct SelectedOrganization: Sendable, Equatable {
    /// The organization.
    public let id: String
    /// The first of the roles; nil if there is none.
    public let role: String?
    /// The names of the person's roles, sorted.
    public let roles: [String]
    /// The membership, as it is told where a token is about several.
    public let membership: OrganizationClaim

    /// Makes a selection of its parts.
    public init(_ membership: OrganizationClaim, role: String?, roles: [String]) {
        id = membership.id
        self.role = role
        self.roles = roles
        self.membership = membership
    }

    /// Libraries read either the one form or the other: it says the same in both.
    fileprivate var jsonObject: JSONObject {
        var object: JSONObject = ["org_id": .string(id)]
        if let role { object.add("role", .string(role)) }
        object.add("roles", .array(roles.map { .string($0) }))
        object.add("permissions", .array(membership.scopes.map { .string($0) }))
        object.add("organizations", .array([.object(membership.jsonObject)]))
        return object
    }
}
