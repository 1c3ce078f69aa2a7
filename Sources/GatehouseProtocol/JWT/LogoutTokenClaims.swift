private import GatehouseEncoding

/// The claims of a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4).
///
/// There is no nonce: with one it could pass for an ID token.
public struct LogoutTokenClaims: Sendable, Equatable {
    /// The address that the client signed the person in through.
    public var issuer: Issuer
    /// Whose session is over.
    public var subject: String
    /// The client: the only audience.
    public var audience: String
    /// Seconds since 1970, as all times here.
    public var issuedAt: Int64
    /// When the token stops being valid.
    public var expiresAt: Int64
    /// What no other token is called.
    public var tokenID: String
    /// The session that is over, as ID tokens called it.
    public var sessionID: String

    /// How long a token is valid, in seconds (§4).
    public static let lifetime: Int64 = 120

    /// Makes claims of all that a logout token says.
    public init(
        issuer: Issuer, subject: String, audience: String, issuedAt: Int64, tokenID: String,
        sessionID: String
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.issuedAt = issuedAt
        expiresAt = issuedAt + Self.lifetime
        self.tokenID = tokenID
        self.sessionID = sessionID
    }

    /// The claims as the payload of a JWT.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", issuer.text)
            json.add("sub", subject)
            json.add("aud", audience)
            json.add("iat", issuedAt)
            json.add("exp", expiresAt)
            json.add("jti", tokenID)
            json.object("events") { events in
                events.object("http://schemas.openid.net/event/backchannel-logout") { _ in }
            }
            json.add("sid", sessionID)
        }
    }
}
