/// The `token-exchange` grant (RFC 8693 §2.1): a token is brought, and another one is asked for.
public struct TokenExchangeRequest: Sendable {
    /// The token of the person for whom something is to be done, and what it is said to be.
    public let subjectToken: TypedToken
    /// The access token of whoever does it, if it is not the client itself.
    public let actorToken: String?
    /// What the new token is for, by `resource` and `audience` together.
    public let resources: [ResourceIndicator]
    /// The scope values.
    public let scope: Scope?
    /// What the request proved to have, if it did.
    public let proof: Possession?

    /// A token and the kind that its sender says it is of.
    public struct TypedToken: Sendable {
        /// The token, as it was sent.
        public let text: String
        /// What it is said to be; only that is looked for.
        public let type: TokenTypeIdentifier
    }

    /// Parses what is peculiar to an exchange.
    ///
    /// Only access tokens are issued, and nobody names a subject otherwise than by a token.
    init(_ form: FormParameters, scope: Scope?, proof: Possession?) throws(OAuthError) {
        guard let type = TokenTypeIdentifier(parsing: try form.require(.subjectTokenType)) else {
            throw OAuthError(.invalidRequest, "The subject_token_type is not supported.")
        }
        subjectToken = TypedToken(
            text: try form.require(.subjectToken), type: type)
        guard form.contains(.actorToken) == form.contains(.actorTokenType) else {
            throw OAuthError(
                .invalidRequest, "An actor_token and its actor_token_type come together.")
        }
        actorToken =
            form.contains(.actorToken) ? try form.require(.actorToken) : nil
        guard try Self.isAccessToken(.actorTokenType, in: form) else {
            throw OAuthError(.invalidRequest, "The actor_token_type is not supported.")
        }
        guard try Self.isAccessToken(.requestedTokenType, in: form) else {
            throw OAuthError(.invalidRequest, "The requested_token_type is not supported.")
        }
        guard !form.contains(.requestedSubject) else {
            throw OAuthError(.invalidRequest, "The requested_subject is not supported.")
        }
        self.resources = try ResourceIndicator.requested(in: form, by: [.resource, .audience])
        self.scope = scope
        self.proof = proof
    }

    /// Whether a parameter asks for an access token, or is not there.
    private static func isAccessToken(
        _ name: ParameterName, in form: FormParameters
    ) throws(OAuthError) -> Bool {
        guard form.contains(name) else { return true }
        return TokenTypeIdentifier(parsing: try form.require(name)) == .accessToken
    }
}
