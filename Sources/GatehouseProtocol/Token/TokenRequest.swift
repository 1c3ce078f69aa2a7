/// A token request (RFC 6749 §3.2), parsed once and valid by construction.
public enum TokenRequest: Sendable {
    case authorizationCode(AuthorizationCodeRequest)
    case refreshToken(RefreshTokenRequest)
    case clientCredentials(ClientCredentialsRequest)
    case deviceCode(DeviceCodeRequest)

    /// Parses the form of a token request, all but the client's authentication.
    public init(_ form: FormParameters) throws(OAuthError) {
        if form.hasRepetition {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        guard let grantType = GrantType(parsing: try form.require(.grantType)) else {
            throw OAuthError(.unsupportedGrantType, "The grant_type is not supported.")
        }
        switch grantType {
        case .authorizationCode:
            self = .authorizationCode(
                AuthorizationCodeRequest(
                    code: try form.require(.code), redirectURI: form[.redirectURI],
                    codeVerifier: form[.codeVerifier]))
        case .refreshToken:
            self = .refreshToken(
                RefreshTokenRequest(
                    refreshToken: try form.require(.refreshToken), scope: try Self.scope(form)))
        case .clientCredentials:
            self = .clientCredentials(ClientCredentialsRequest(scope: try Self.scope(form)))
        case .deviceCode:
            self = .deviceCode(
                DeviceCodeRequest(
                    deviceCode: try form.require(.deviceCode), codeVerifier: form[.codeVerifier]))
        }
    }

    /// The grant type that the request uses.
    public var grantType: GrantType {
        switch self {
        case .authorizationCode: .authorizationCode
        case .refreshToken: .refreshToken
        case .clientCredentials: .clientCredentials
        case .deviceCode: .deviceCode
        }
    }

    private static func scope(_ form: FormParameters) throws(OAuthError) -> Scope? {
        guard let text = form[.scope] else { return nil }
        return try Scope(parsing: text)
    }
}

/// The `authorization_code` grant (RFC 6749 §4.1.3).
///
/// Redirect URI and verifier are checked against the code, not here: a request that lacks one still
/// spends the code.
public struct AuthorizationCodeRequest: Sendable {
    /// The authorization code.
    public let code: String
    /// The redirect URI, if it was sent.
    public let redirectURI: String?
    /// The proof key, if it was sent (RFC 7636 §4.5).
    public let codeVerifier: String?

    /// Makes a request of its parameters.
    public init(code: String, redirectURI: String?, codeVerifier: String?) {
        self.code = code
        self.redirectURI = redirectURI
        self.codeVerifier = codeVerifier
    }
}

/// The `refresh_token` grant (RFC 6749 §6).
public struct RefreshTokenRequest: Sendable {
    /// The refresh token.
    public let refreshToken: String
    /// The scope values.
    public let scope: Scope?

    /// Makes a request of its parameters.
    public init(refreshToken: String, scope: Scope?) {
        self.refreshToken = refreshToken
        self.scope = scope
    }
}

/// The `client_credentials` grant (RFC 6749 §4.4).
public struct ClientCredentialsRequest: Sendable {
    /// The scope values.
    public let scope: Scope?

    /// Makes a request of its parameters.
    public init(scope: Scope?) {
        self.scope = scope
    }
}

/// The `device_code` grant (RFC 8628 §3.4).
public struct DeviceCodeRequest: Sendable {
    /// The device code.
    public let deviceCode: String
    /// The proof key, if it was sent.
    public let codeVerifier: String?

    /// Makes a request of its parameters.
    public init(deviceCode: String, codeVerifier: String?) {
        self.deviceCode = deviceCode
        self.codeVerifier = codeVerifier
    }
}
