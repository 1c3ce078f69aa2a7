package import GatehouseJOSE
package import GatehouseProtocol

/// A protected resource, such as an API: what access tokens are for (RFC 8707 §2).
package struct Resource: Sendable, Identified {
    package typealias ID = Identifier<Resource>
    package static let identifierPrefix = "api"

    package let id: ID
    /// What clients ask for, and what stands as the audience in tokens; it never changes.
    package let indicator: ResourceIndicator
    package var name: DisplayName
    /// What may be allowed there; none means whatever clients are registered for.
    package var scopes: [ResourceScope]
    package var policies: ResourcePolicies
    /// The types of authorization details that it understands (RFC 9396).
    package var authorizationDetailsTypes: [AuthorizationDetailsType]
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    package var disabledAt: Timestamp?

    package init(_ indicator: ResourceIndicator, name: DisplayName, at now: Timestamp) {
        id = ID(at: now)
        self.indicator = indicator
        self.name = name
        scopes = []
        policies = ResourcePolicies()
        authorizationDetailsTypes = []
        createdAt = now
        updatedAt = now
        disabledAt = nil
    }
}

/// A scope value that a resource knows, and what it means in words.
package struct ResourceScope: Sendable, Hashable {
    /// One value (RFC 6749 §3.3).
    package let value: String
    /// What a person reads who is asked to allow it.
    package let description: DisplayName

    /// Checks the value; nil if it is not exactly one, or belongs to OpenID Connect.
    package init?(_ value: String, description: DisplayName) {
        // A malformed value is no value: whoever asks says so.
        guard let scope = try? Scope(parsing: value), scope.values == [value],
            !Scope.identity.contains(value)
        else { return nil }
        self.value = value
        self.description = description
    }
}

/// What a tenant decided for the access tokens of one resource.
package struct ResourcePolicies: Sendable, Hashable {
    package var tokenFormat = AccessTokenFormat.jwt
    /// How the tokens are signed; nil for what the client is set to.
    package var algorithm: Algorithm?
    /// How long the tokens last; nil for what the client is set to.
    package var lifetime: Lifetime?
    /// The claims about the person that the tokens carry, whatever the scope is.
    package var claims: Set<String> = []
    /// The clients that may ask for it; nil for every client.
    package var clients: Set<Client.ID>?
    /// The clients that speak for the resource: they may introspect its tokens.
    package var servers: Set<Client.ID> = []
}

/// What an access token looks like to those who do not read it.
package enum AccessTokenFormat: String, Sendable, CaseIterable {
    /// Anybody can check it with the published keys (RFC 9068).
    case jwt
    /// A random text that only introspection tells something of (RFC 7662).
    case opaque
}
