private import GatehouseEncoding

/// A successful token response (RFC 6749 §5.1, OpenID Connect Core §3.1.3.3).
public struct TokenResponse: Sendable, Equatable {
    /// The access token.
    public let accessToken: String
    /// Seconds until the access token expires.
    public let expiresIn: Int64
    /// The refresh token.
    public var refreshToken: String?
    /// The ID token, for an OpenID Connect request.
    public let idToken: String?
    /// The scope values.
    public let scope: Scope
    /// What whoever presents the access token has to prove; nil for a bearer token.
    public let confirmation: Confirmation?
    /// What kind of token the access token is, for an exchange (RFC 8693 §2.2.1).
    public var issuedTokenType: TokenTypeIdentifier?
    /// What the access token is for, in full (RFC 9396 §7).
    public var authorizationDetails: AuthorizationDetails?

    /// Makes a response of its parts.
    public init(
        accessToken: String, expiresIn: Int64, refreshToken: String?, idToken: String?,
        scope: Scope, confirmation: Confirmation?
    ) {
        self.accessToken = accessToken
        self.expiresIn = expiresIn
        self.refreshToken = refreshToken
        self.idToken = idToken
        self.scope = scope
        self.confirmation = confirmation
    }

    /// The longest that a token may be without being a nuisance: what a cookie holds (RFC 6265 §6.1).
    package static let comfortableLength = 4_096

    /// How long the longest of the tokens is.
    package var longestToken: Int {
        max(accessToken.utf8.count, idToken?.utf8.count ?? 0)
    }

    /// The response as JSON.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("access_token", accessToken)
            json.add("token_type", confirmation?.tokenType ?? "Bearer")
            json.add("expires_in", expiresIn)
            if let issuedTokenType { json.add("issued_token_type", issuedTokenType.rawValue) }
            if let refreshToken { json.add("refresh_token", refreshToken) }
            if let idToken { json.add("id_token", idToken) }
            if !scope.isEmpty { json.add("scope", scope.text) }
            if let details = authorizationDetails {
                json.add("authorization_details", details.json)
            }
        }
    }
}
