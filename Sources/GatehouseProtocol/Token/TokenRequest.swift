/// A token request (RFC 6749 §3.2), parsed once and valid by construction.
public enum TokenRequest: Sendable {
    case authorizationCode(AuthorizationCodeRequest)
    case refreshToken(RefreshTokenRequest)
    case clientCredentials(ClientCredentialsRequest)
    case deviceCode(DeviceCodeRequest)
    case tokenExchange(TokenExchangeRequest)
    case jwtBearer(JWTBearerRequest)
    case ciba(CIBARequest)

    /// Parses the form of a token request, all but the client's authentication.
    ///
    /// The proof is that of the request's `DPoP` header, or of its connection, if it has one.
    public init(_ form: FormParameters, proof: Possession?) throws(OAuthError) {
        try Self.requireEachOnce(form)
        let grantType = try Self.grantType(form)
        let resources = try ResourceIndicator.requested(in: form)
        let details = try Self.authorizationDetails(form, for: grantType)
        switch grantType {
        case .authorizationCode:
            self = .authorizationCode(
                AuthorizationCodeRequest(
                    code: try form.require(.code), redirectURI: form[.redirectURI],
                    codeVerifier: form[.codeVerifier], resources: resources, proof: proof,
                    authorizationDetails: details))
        case .refreshToken:
            self = .refreshToken(
                RefreshTokenRequest(
                    refreshToken: try form.require(.refreshToken), scope: try Self.scope(form),
                    resources: resources, proof: proof,
                    authorizationDetails: details, organizationID: form[.organizationID]))
        case .clientCredentials:
            self = .clientCredentials(
                ClientCredentialsRequest(
                    scope: try Self.scope(form), resources: resources, proof: proof,
                    authorizationDetails: details))
        case .deviceCode:
            self = .deviceCode(
                DeviceCodeRequest(
                    deviceCode: try form.require(.deviceCode), codeVerifier: form[.codeVerifier],
                    resources: resources, proof: proof))
        case .tokenExchange:
            self = .tokenExchange(
                try TokenExchangeRequest(form, scope: Self.scope(form), proof: proof))
        case .jwtBearer:
            self = .jwtBearer(
                JWTBearerRequest(
                    assertion: try form.require(.assertion), scope: try Self.scope(form),
                    resources: resources, proof: proof))
        case .ciba:
            self = .ciba(
                CIBARequest(
                    authReqID: try form.require(.authReqID), resources: resources, proof: proof))
        }
    }

    private static func grantType(_ form: FormParameters) throws(OAuthError) -> GrantType {
        guard let grantType = GrantType(parsing: try form.require(.grantType)) else {
            throw OAuthError(.unsupportedGrantType, "The grant_type is not supported.")
        }
        return grantType
    }

    private static func authorizationDetails(
        _ form: FormParameters, for grantType: GrantType
    ) throws(OAuthError) -> AuthorizationDetails? {
        switch grantType {
        case .authorizationCode, .refreshToken, .clientCredentials:
            return try AuthorizationDetails.requested(in: form)
        case .deviceCode, .tokenExchange, .jwtBearer, .ciba:
            try AuthorizationDetails.refuse(in: form)
            return nil
        }
    }

    /// Refuses a parameter that stands there more than once, but for those that may.
    private static func requireEachOnce(_ form: FormParameters) throws(OAuthError) {
        // Only an exchange knows an audience, which may be repeated (RFC 8693 §2.1).
        let isExchange = form[.grantType].flatMap(GrantType.init(parsing:)) == .tokenExchange
        if form.hasRepetition(besides: isExchange ? [.resource, .audience] : [.resource]) {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
    }

    /// The grant type that the request uses.
    public var grantType: GrantType {
        switch self {
        case .authorizationCode: .authorizationCode
        case .refreshToken: .refreshToken
        case .clientCredentials: .clientCredentials
        case .deviceCode: .deviceCode
        case .tokenExchange: .tokenExchange
        case .jwtBearer: .jwtBearer
        case .ciba: .ciba
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
    /// What the access token is for; none means all that the grant is for (RFC 8707 §2.2).
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?
    /// What of the granted details the access token is for; nil means all of it (RFC 9396 §6).
    public let authorizationDetails: AuthorizationDetails?

    /// Makes a request of its parameters.
    public init(
        code: String, redirectURI: String?, codeVerifier: String?,
        resources: [ResourceIndicator] = [], proof: Possession? = nil,
        authorizationDetails: AuthorizationDetails? = nil
    ) {
        self.authorizationDetails = authorizationDetails
        self.resources = resources
        self.code = code
        self.redirectURI = redirectURI
        self.codeVerifier = codeVerifier
        self.proof = proof
    }
}

/// The `refresh_token` grant (RFC 6749 §6).
public struct RefreshTokenRequest: Sendable {
    /// The refresh token.
    public let refreshToken: String
    /// The scope values.
    public let scope: Scope?
    /// What the access token is for; none means all that the grant is for (RFC 8707 §2.2).
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?
    /// What of the granted details the access token is for; nil means all of it (RFC 9396 §6).
    public let authorizationDetails: AuthorizationDetails?
    /// The organization that the client switches to; nil means the one that it is in.
    public let organizationID: String?

    /// Makes a request of its parameters.
    public init(
        refreshToken: String, scope: Scope?, resources: [ResourceIndicator] = [],
        proof: Possession? = nil, authorizationDetails: AuthorizationDetails? = nil,
        organizationID: String? = nil
    ) {
        self.organizationID = organizationID
        self.authorizationDetails = authorizationDetails
        self.resources = resources
        self.refreshToken = refreshToken
        self.scope = scope
        self.proof = proof
    }
}

/// The `client_credentials` grant (RFC 6749 §4.4).
public struct ClientCredentialsRequest: Sendable {
    /// The scope values.
    public let scope: Scope?
    /// What the access token is for; none means the client's own default.
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?
    /// What the access token is for, in full (RFC 9396 §5).
    public let authorizationDetails: AuthorizationDetails?

    /// Makes a request of its parameters.
    public init(
        scope: Scope?, resources: [ResourceIndicator] = [], proof: Possession? = nil,
        authorizationDetails: AuthorizationDetails? = nil
    ) {
        self.authorizationDetails = authorizationDetails
        self.resources = resources
        self.scope = scope
        self.proof = proof
    }
}

/// The `device_code` grant (RFC 8628 §3.4).
public struct DeviceCodeRequest: Sendable {
    /// The device code.
    public let deviceCode: String
    /// The proof key, if it was sent.
    public let codeVerifier: String?
    /// What the access token is for; none means all that the grant is for (RFC 8707 §2.2).
    public let resources: [ResourceIndicator]
    /// What the request proved to have, if it did.
    public let proof: Possession?

    /// Makes a request of its parameters.
    public init(
        deviceCode: String, codeVerifier: String?, resources: [ResourceIndicator] = [],
        proof: Possession? = nil
    ) {
        self.deviceCode = deviceCode
        self.codeVerifier = codeVerifier
        self.resources = resources
        self.proof = proof
    }
}
