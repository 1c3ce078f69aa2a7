private import GatehouseEncoding

/// A userinfo response (OpenID Connect Core §5.3.2).
public struct UserInfo: Sendable, Equatable {
    /// Whom it is about, by an identifier that never changes.
    public let subject: String
    /// What is known of the person.
    public let identity: IdentityClaims
    /// The scope values.
    public let scope: Scope
    /// The claims about the person that were asked for by name.
    public var requestedClaims: [String] = []
    /// What the client is told of organizations; nil if nothing.
    public var organizations: OrganizationClaims?

    /// Makes a response of who it is about and what the token may show.
    public init(subject: String, identity: IdentityClaims, scope: Scope) {
        self.subject = subject
        self.identity = identity
        self.scope = scope
    }

    /// The response as JSON.
    package func serialized() -> [UInt8] {
        JSONWriter.object { write(to: &$0) }
    }

    /// The response as the claims of a JWT, for the one client that asked (OpenID Connect Core
    /// §5.3.2).
    package func claims(issuer: Issuer, audience: String) -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", issuer.text)
            json.add("aud", audience)
            write(to: &json)
        }
    }

    private func write(to json: inout JSONMembers) {
        json.add("sub", subject)
        organizations?.write(to: &json)
        identity.write(for: scope, and: requestedClaims, to: &json)
    }
}
