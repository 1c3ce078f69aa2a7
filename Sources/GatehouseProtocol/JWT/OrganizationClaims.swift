package import GatehouseEncoding

/// What a token says of the organizations of whomever it is about.
///
/// It is written once, and stands like that in all that is made of it: of hundreds of organizations
/// it is nearly all of a token.
public struct OrganizationClaims: Sendable, Equatable {
    private struct Claim: Sendable, Equatable {
        let name: String
        let value: WrittenJSON
    }

    private let claims: [Claim]

    private init(_ claims: [(String, WrittenJSON)]) {
        self.claims = claims.map { Claim(name: $0.0, value: $0.1) }
    }

    /// All of them that the client may see.
    public static func all(_ organizations: [OrganizationClaim]) -> Self {
        Self([("organizations", OrganizationClaim.written(organizations))])
    }

    /// The only one that the token is about.
    ///
    /// Libraries read either the one form or the other: it says the same in both.
    public static func selected(_ organization: SelectedOrganization) -> Self {
        var claims: [(String, WrittenJSON)] = [("org_id", .string(organization.id))]
        if let role = organization.role { claims.append(("role", .string(role))) }
        claims.append(("roles", .strings(organization.roles)))
        claims.append(("permissions", .strings(organization.membership.scopes)))
        claims.append(("organizations", OrganizationClaim.written([organization.membership])))
        return Self(claims)
    }

    /// The one that a client which acts for itself belongs to, by its id.
    public static func owner(_ id: String) -> Self {
        Self([("org_id", .string(id))])
    }

    /// The names that they have, whichever they are.
    public static let names = ["organizations", "org_id", "role", "roles", "permissions"]

    /// Adds the claims to a token or an answer.
    package func write(to json: inout JSONMembers) {
        for claim in claims { json.add(claim.name, claim.value) }
    }

    /// How many bytes the claims have, as an object of their own.
    package var length: Int { JSONWriter.object(write).count }
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

    fileprivate static func written(_ organizations: [OrganizationClaim]) -> WrittenJSON {
        .array { elements in
            for organization in organizations { elements.object(organization.write) }
        }
    }

    private func write(to json: inout JSONMembers) {
        json.add("id", id)
        json.add("title", title.map { .string($0) } ?? .null)
        json.add("scopes", scopes)
        json.add("joined_at", joinedAt)
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
}
