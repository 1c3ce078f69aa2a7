/// What an API asks of the tokens that it takes.
public struct VerifierConfiguration: Sendable {
    /// How an API finds out whether a token still counts.
    public enum Introspection: Sendable {
        /// It does not ask: a token counts until it ends.
        case never
        /// It asks for tokens that it cannot read, as the client with this id and credential.
        case ofOpaqueTokens(clientID: String, credential: ClientCredential)
        /// It asks for each token, and hears of a revocation at once.
        case always(clientID: String, credential: ClientCredential)
    }

    /// Whom tokens have to be for: the name of the API.
    public var audience: String
    /// How many seconds the clocks of API and issuer may differ.
    public var clockTolerance: Int64 = 5
    /// How many seconds a proof may be older or younger than now.
    public var proofTolerance: Int64 = 60
    /// Whether tokens that are bound to nothing are refused.
    public var requiresBoundTokens = false
    /// Whether the issuer is asked about tokens.
    public var introspection: Introspection = .never

    /// An API that takes tokens for one audience.
    public init(audience: String) {
        self.audience = audience
    }
}
