internal import GatehouseEncoding

/// An access token that is good here and now: who came, through which client, and what they may do.
public struct VerifiedToken: Sendable, Equatable {
    /// Everything that the token says.
    public let claims: Claims
    /// The client that brought it.
    public let clientID: String?
    /// What the token allows.
    public let scopes: [String]
    /// When it ends, in seconds since 1970; now, if the issuer says that it is good and not until
    /// when.
    public let expiresAt: Int64
    private let access: Access

    /// Takes claims that were checked.
    init(_ claims: JSONObject, expiresAt: Int64) throws(ClientError) {
        self.claims = try Claims(claims)
        clientID = claims["client_id"]?.string
        scopes = claims["scope"]?.string?.split(separator: " ").map(String.init) ?? []
        self.expiresAt = expiresAt
        access = try Access(claims, granted: scopes)
    }

    /// The person by an id that never changes, or the client where nobody is signed in.
    public var subject: String { claims.subject }

    /// Where the person belongs.
    public var organizations: [OrganizationMembership] { access.organizations }

    /// The only organization that the token is about, if one was selected.
    public var organizationID: String? { access.organizationID }

    /// Whether the token has a scope, byte for byte.
    public func has(scope: String) -> Bool { scopes.contains { $0.isExactly(scope) } }

    /// What the person may do in an organization; nothing where they do not belong.
    public func scopes(in organization: String) -> [String] { access.scopes(in: organization) }

    /// Whether the person may do something in an organization.
    public func hasAccess(in organization: String, _ action: String, to resource: String) -> Bool {
        access.allows(action, on: resource, in: organization)
    }

    /// Whether the token allows something: in the selected organization, or by its scopes if none
    /// is selected.
    public func hasAccess(_ action: String, to resource: String) -> Bool {
        access.allows(action, on: resource)
    }

    /// Whether the person owns an organization, which no wildcard says.
    public func isOwner(of organization: String) -> Bool { access.has("owner", in: organization) }

    /// Whether the person belongs to an organization.
    public func isMember(of organization: String) -> Bool { access.isMember(of: organization) }

    /// Refuses a token that lacks a scope.
    ///
    /// - Throws: ``TokenRefusal``, which says what to answer.
    public func require(scope: String) throws(TokenRefusal) {
        guard has(scope: scope) else { throw TokenRefusal(.insufficientScope(scope)) }
    }

    /// Refuses whoever may not do something in an organization.
    ///
    /// - Throws: ``TokenRefusal``, which says what to answer.
    public func requireAccess(
        in organization: String, _ action: String, to resource: String
    ) throws(TokenRefusal) {
        guard hasAccess(in: organization, action, to: resource) else {
            throw TokenRefusal(.insufficientScope("\(resource):\(action)"))
        }
    }
}
