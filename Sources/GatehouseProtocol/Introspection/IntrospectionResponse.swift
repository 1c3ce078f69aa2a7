package import GatehouseEncoding

/// What an introspection request is told of a token (RFC 7662 §2.2).
public struct IntrospectionResponse: Sendable {
    /// What is known of the token; nil where it is not active, or is none of the caller's business.
    private let token: (claims: JSONObject, type: String?)?
    /// What is told of organizations, as it is now; nil if nothing.
    private let organizations: OrganizationClaims?

    /// The answer about every token that is unknown, over, revoked or meant for somebody else:
    /// nothing tells these apart.
    public static let inactive = IntrospectionResponse(token: nil, organizations: nil)

    private init(
        token: (claims: JSONObject, type: String?)?, organizations: OrganizationClaims?
    ) {
        self.token = token
        self.organizations = organizations
    }

    /// An active token with its claims; a refresh token has no type (RFC 6749 §5.1).
    package static func active(
        _ claims: JSONObject, type: String?, organizations: OrganizationClaims? = nil
    ) -> Self {
        Self(token: (claims, type), organizations: organizations)
    }

    /// The answer as JSON.
    package func serialized() -> [UInt8] {
        JSONWriter.object { write(to: &$0) }
    }

    /// The payload of the answer as a JWT (RFC 9701 §5), for the one who asked.
    package func claims(issuer: Issuer, audience: String, issuedAt: Int64) -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", issuer.text)
            json.add("aud", audience)
            json.add("iat", issuedAt)
            json.object("token_introspection") { write(to: &$0) }
        }
    }

    private func write(to json: inout JSONMembers) {
        json.add("active", token != nil)
        guard let token else { return }
        if let type = token.type { json.add("token_type", type) }
        json.add(token.claims)
        organizations?.write(to: &json)
    }
}
