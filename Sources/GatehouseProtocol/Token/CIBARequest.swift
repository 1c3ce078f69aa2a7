/// The `ciba` grant (OpenID Connect CIBA Core §10.1).
public struct CIBARequest: Sendable {
    /// What the client got when it asked.
    public let authReqID: String
    /// What the access token is for; none means all that the grant is for (RFC 8707 §2.2).
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?

    /// Makes a request of its parameters.
    public init(
        authReqID: String, resources: [ResourceIndicator] = [], proof: Possession? = nil
    ) {
        self.authReqID = authReqID
        self.resources = resources
        self.proof = proof
    }
}
