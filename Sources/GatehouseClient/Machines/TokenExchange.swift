/// A token to be swapped for one that is for somebody else, on behalf of the same person
/// (RFC 8693 §2.1).
public struct TokenExchange: Sendable {
    /// The token of the person.
    public var subjectToken: String
    /// What kind of token it is.
    public var subjectTokenType = TokenExchange.accessToken
    /// A token of whoever acts for the person.
    public var actorToken: String?
    /// What kind of token that is.
    public var actorTokenType = TokenExchange.accessToken
    /// Whom the new token is for, by the name that the provider knows.
    public var audience: String?
    /// What the new token is to allow; nothing for what the provider takes by itself.
    public var scopes: [String] = []

    /// An access token, by its type's name (RFC 8693 §3).
    public static let accessToken = "urn:ietf:params:oauth:token-type:access_token"
    /// An ID token, by its type's name.
    public static let idToken = "urn:ietf:params:oauth:token-type:id_token"

    /// Swaps an access token.
    public init(subjectToken: String) {
        self.subjectToken = subjectToken
    }

    /// What is asked for, as parameters.
    var parameters: [(String, String)] {
        var parameters = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", subjectToken), ("subject_token_type", subjectTokenType),
        ]
        if let actorToken {
            parameters.append(("actor_token", actorToken))
            parameters.append(("actor_token_type", actorTokenType))
        }
        if let audience { parameters.append(("audience", audience)) }
        if !scopes.isEmpty { parameters.append(("scope", scopes.joined(separator: " "))) }
        return parameters
    }
}
