/// The `jwt-bearer` grant (RFC 7523 §2.1): another issuer says who is meant.
public struct JWTBearerRequest: Sendable {
    /// The JWT of the other issuer.
    public let assertion: String
    /// The scope values.
    public let scope: Scope?
    /// What the access token is for.
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?

    /// Makes a request of its parameters.
    public init(
        assertion: String, scope: Scope?, resources: [ResourceIndicator] = [],
        proof: Possession? = nil
    ) {
        self.assertion = assertion
        self.scope = scope
        self.resources = resources
        self.proof = proof
    }
}
