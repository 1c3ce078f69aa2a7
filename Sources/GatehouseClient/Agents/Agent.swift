private import GatehouseEncoding

/// Somebody who signed in: who they are, where they belong, and what they may do there.
///
/// It is a value, as true as the tokens that it was read from. Get a new one for each request from
/// ``IdentityProvider/agent(from:onRefresh:onRefreshError:)``: memberships are looked at anew with
/// each refresh, and until then they are what they were.
public struct Agent: Sendable, Equatable {
    /// The tokens to keep.
    public let tokens: TokenSet
    /// Who it is.
    public let profile: Profile
    private let access: Access

    /// Makes somebody of tokens and the claims of a checked ID token.
    init(_ tokens: TokenSet, claims: Claims) throws(ClientError) {
        self.tokens = tokens
        profile = Profile(claims: claims)
        access = try Access(claims.object, granted: tokens.scopes)
    }

    /// The person, by an id that never changes.
    public var subject: String { profile.subject }

    /// Where the person belongs, in the order of the provider.
    public var organizations: [OrganizationMembership] { access.organizations }

    /// The only organization that the tokens are about, if one was selected.
    public var organizationID: String? { access.organizationID }

    /// What the person may do in an organization; nothing where they do not belong.
    public func scopes(in organization: String) -> [String] { access.scopes(in: organization) }

    /// Whether the person may do something in an organization.
    ///
    /// The scope `projects:write` lets them `write` to `projects`; `projects:*` does, too, and so
    /// do `*:write` and `*:**`.
    public func hasAccess(in organization: String, _ action: String, to resource: String) -> Bool {
        access.allows(action, on: resource, in: organization)
    }

    /// Whether the person may do something in the selected organization, or by what the tokens were
    /// granted if none is selected.
    public func hasAccess(_ action: String, to resource: String) -> Bool {
        access.allows(action, on: resource)
    }

    /// Refuses whoever may not do something in an organization.
    ///
    /// - Throws: ``ClientError/insufficientScope(_:)``.
    public func requireAccess(
        in organization: String, _ action: String, to resource: String
    ) throws(ClientError) {
        guard hasAccess(in: organization, action, to: resource) else {
            throw .insufficientScope("\(resource):\(action)")
        }
    }

    /// Whether the person owns an organization, which no wildcard says.
    public func isOwner(of organization: String) -> Bool {
        access.has("owner", in: organization)
    }

    /// Whether the person manages an organization, which no wildcard says.
    ///
    /// An owner does not by that alone.
    public func isAdmin(of organization: String) -> Bool {
        access.has("admin", in: organization)
    }

    /// Whether the person belongs to an organization.
    public func isMember(of organization: String) -> Bool { access.isMember(of: organization) }
}
