/// The `jwt-bearer` grant (RFC 7523 §2.1): another issuer says who is meant.
public struct JWTBearerRequest: Sendable {
    /// The JWT of the other issuer.
    public let assertion: String
    /// The scope values.
    public let scope: Scope?
    /// What the access token is for.
    public let resources: [ResourceIndicator]
    /// The key that the request proved to have, if it did.
    public let proof: ProvenKey?

    /// Makes a request of its parameters.
    public init(
        assertion: String, scope: Scope?, resources: [ResourceIndicator] = [],
        proof: ProvenKey? = nil
    ) {
        self.assertion = assertion
        self.scope = scope
        self.resources = resources
        self.proof = proof
    }
}
