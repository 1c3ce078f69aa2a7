/// One attempt to sign in: where to send the browser, and what its answer will be compared with.
///
/// Keep it where only this browser leads back to it, such as an encrypted cookie or a session of
/// the app, hand it to ``IdentityProvider/exchange(callback:for:)``, and forget it then.
public struct AuthorizationAttempt: Sendable, Codable, Equatable {
    /// Where to send the browser.
    public private(set) var url: String
    /// What ties the answer to the browser (RFC 6749 §10.12).
    public let state: String
    /// What ties the ID token to the attempt (OpenID Connect Core §15.5.2).
    public let nonce: String
    /// What ties the code to whoever began (RFC 7636).
    public let codeVerifier: String
    /// Who was asked.
    let issuer: String
    let clientID: String
    let redirectURI: String
    /// What was asked for.
    let scopes: [String]
    let maxAge: Int64?
    let organization: String?
    /// When it began, in seconds since 1970.
    let begunAt: Int64

    /// How many seconds an attempt may take.
    static let lifetime: Int64 = 3_600

    /// The attempt without its address, which is needed no more once the browser was sent there.
    package var begun: AuthorizationAttempt {
        var begun = self
        begun.url = ""
        return begun
    }
}

extension AuthorizationAttempt: CustomStringConvertible, CustomReflectable {
    /// What is printed instead of the attempt.
    public var description: String { "‹secret›" }
    /// A mirror that shows nothing.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
