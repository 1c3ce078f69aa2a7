/// The tokens of one person, as an app keeps them.
///
/// Encode it into the session of the app or an encrypted cookie; never show it to the browser. A
/// refresh replaces it as a whole.
public struct TokenSet: Sendable, Codable, Equatable {
    /// The issuer that it is from.
    public let issuer: String
    /// The client that it was given to.
    public let clientID: String
    /// What opens APIs.
    public let accessToken: String
    /// Whether the access token is bound to the app's key (RFC 9449).
    public let isBound: Bool
    /// When the access token ends, in seconds since 1970.
    public let expiresAt: Int64
    /// What gets new tokens; nil if there is none.
    public let refreshToken: String?
    /// What says who the person is, as it was signed.
    public let idToken: String
    /// The person, by an id that never changes.
    public let subject: String
    /// What was granted.
    public let scopes: [String]
    /// The nonce of the sign-in, which no later ID token may change.
    let nonce: String?
    /// What the provider said of the person after the ID token, as JSON.
    let userInfo: String?

    /// Whether the access token is over, or will be within some seconds.
    public func expires(by time: Int64, buffer: Int64 = 0) -> Bool { expiresAt - buffer <= time }
}

extension TokenSet {
    /// Makes a set of a checked answer.
    init(
        _ answer: TokenAnswer, idToken: String, from provider: IdentityProvider,
        scopes: [String], claims: Claims, nonce: String?
    ) {
        issuer = provider.issuer
        clientID = provider.configuration.clientID
        accessToken = answer.accessToken
        isBound = answer.isBound
        expiresAt = answer.expiresAt
        refreshToken = answer.refreshToken
        self.idToken = idToken
        subject = claims.subject
        self.scopes = answer.scopes ?? scopes
        self.nonce = nonce
        userInfo = nil
    }

    /// Makes the set that follows another one.
    ///
    /// A refresh token that is not replaced stays good (RFC 6749 §6).
    init(_ answer: TokenAnswer, after former: TokenSet, userInfo: String?) {
        self.init(answer, after: former, idToken: answer.idToken, userInfo: userInfo)
    }

    /// Makes the set that follows another one, with what the other one says of the person.
    init(_ answer: TokenAnswer, keeping former: TokenSet) {
        self.init(answer, after: former, idToken: nil, userInfo: former.userInfo)
    }

    private init(
        _ answer: TokenAnswer, after former: TokenSet, idToken: String?, userInfo: String?
    ) {
        issuer = former.issuer
        clientID = former.clientID
        accessToken = answer.accessToken
        isBound = answer.isBound
        expiresAt = answer.expiresAt
        refreshToken = answer.refreshToken ?? former.refreshToken
        self.idToken = idToken ?? former.idToken
        subject = former.subject
        scopes = answer.scopes ?? former.scopes
        nonce = former.nonce
        self.userInfo = userInfo
    }
}

extension TokenSet: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the tokens.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
