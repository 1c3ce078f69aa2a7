/// An access token that an app got for itself, or in exchange for another one.
public struct IssuedToken: Sendable, Codable, Equatable {
    /// What opens APIs.
    public let accessToken: String
    /// Whether it is bound to the app's key (RFC 9449).
    public let isBound: Bool
    /// When it ends, in seconds since 1970.
    public let expiresAt: Int64
    /// What was granted.
    public let scopes: [String]
    /// What kind of token it is, if it was got in exchange (RFC 8693 §2.2.1).
    public let issuedTokenType: String?

    init(_ answer: TokenAnswer, asked scopes: [String]) {
        accessToken = answer.accessToken
        isBound = answer.isBound
        expiresAt = answer.expiresAt
        self.scopes = answer.scopes ?? scopes
        issuedTokenType = answer.issuedTokenType
    }
}

extension IssuedToken: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the token.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
