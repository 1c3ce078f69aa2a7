/// An error that a client is told, in the vocabulary of RFC 6749 §4.1.2.1 and §5.2.
public struct OAuthError: Error, Sendable {
    /// An error code.
    ///
    /// The vocabulary is open: extensions add to it.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The value itself.
        public let rawValue: String

        /// Makes a code of its text on the wire.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }

    /// What went wrong, as one of the registered codes.
    public let code: Code
    /// What a developer should know.
    ///
    /// A literal, so that it cannot carry anyone's data.
    public let description: StaticString

    /// Makes an error of a code and a literal sentence.
    public init(_ code: Code, _ description: StaticString) {
        self.code = code
        self.description = description
    }
}

extension OAuthError: Equatable {
    /// Two errors are equal if a client could not tell them apart.
    public static func == (left: Self, right: Self) -> Bool {
        left.code == right.code
            && left.description.description == right.description.description
    }
}

extension OAuthError.Code {
    /// A parameter is missing, malformed or repeated (RFC 6749 §5.2).
    public static let invalidRequest = Self(rawValue: "invalid_request")
    /// Client authentication failed (RFC 6749 §5.2).
    public static let invalidClient = Self(rawValue: "invalid_client")
    /// The code or refresh token is wrong, spent, expired or another client's (RFC 6749 §5.2).
    public static let invalidGrant = Self(rawValue: "invalid_grant")
    /// The scope is malformed or exceeds what is allowed (RFC 6749 §5.2).
    public static let invalidScope = Self(rawValue: "invalid_scope")
    /// The client may not use this grant or response type (RFC 6749 §5.2).
    public static let unauthorizedClient = Self(rawValue: "unauthorized_client")
    /// The server does not know the grant type (RFC 6749 §5.2).
    public static let unsupportedGrantType = Self(rawValue: "unsupported_grant_type")
    /// The server does not know the response type (RFC 6749 §4.1.2.1).
    public static let unsupportedResponseType = Self(rawValue: "unsupported_response_type")
    /// The user or the server said no (RFC 6749 §4.1.2.1).
    public static let accessDenied = Self(rawValue: "access_denied")
    /// The server failed; the incident id leads to the reason (RFC 6749 §4.1.2.1).
    public static let serverError = Self(rawValue: "server_error")
    /// The server is busy or a part of it is away; ask again later (RFC 6749 §4.1.2.1).
    public static let temporarilyUnavailable = Self(rawValue: "temporarily_unavailable")
    /// `prompt=none` and nobody is signed in (OpenID Connect Core §3.1.2.6).
    public static let loginRequired = Self(rawValue: "login_required")
    /// `prompt=none` and a page would be needed (OpenID Connect Core §3.1.2.6).
    public static let interactionRequired = Self(rawValue: "interaction_required")
    /// The signed request is malformed, over, or not one of the client's (RFC 9101 §7).
    public static let invalidRequestObject = Self(rawValue: "invalid_request_object")
    /// `prompt=none` and the person would have to be asked whether they allow it (OpenID Connect Core
    /// §3.1.2.6).
    public static let consentRequired = Self(rawValue: "consent_required")
    /// `prompt=none` and the person would have to say which account is meant (OpenID Connect Core
    /// §3.1.2.6).
    public static let accountSelectionRequired = Self(rawValue: "account_selection_required")
    /// Request objects by reference are not supported (OpenID Connect Core §3.1.2.6).
    public static let requestURINotSupported = Self(rawValue: "request_uri_not_supported")
    /// Registration inside a request is not supported (OpenID Connect Core §3.1.2.6).
    public static let registrationNotSupported = Self(rawValue: "registration_not_supported")
    /// The server does not revoke tokens of this type (RFC 7009 §2.2.1).
    public static let unsupportedTokenType = Self(rawValue: "unsupported_token_type")
    /// The access token is missing, malformed, expired or revoked (RFC 6750 §3.1).
    public static let invalidToken = Self(rawValue: "invalid_token")
    /// The resource is unknown, malformed or not for this client (RFC 8707 §2).
    public static let invalidTarget = Self(rawValue: "invalid_target")
    /// The access token lacks a scope that the request needs (RFC 6750 §3.1).
    public static let insufficientScope = Self(rawValue: "insufficient_scope")
    /// The DPoP proof is missing, malformed, or not one of this request (RFC 9449 §5, §7.1).
    public static let invalidDPoPProof = Self(rawValue: "invalid_dpop_proof")
    /// The DPoP proof lacks a nonce that the server gave lately (RFC 9449 §8).
    public static let useDPoPNonce = Self(rawValue: "use_dpop_nonce")
    /// The person has not answered yet (RFC 8628 §3.5).
    public static let authorizationPending = Self(rawValue: "authorization_pending")
    /// The same, and the device polls too often (RFC 8628 §3.5).
    public static let slowDown = Self(rawValue: "slow_down")
    /// The time of the device code is over (RFC 8628 §3.5).
    public static let expiredToken = Self(rawValue: "expired_token")
    /// Nobody here is whom the hint means (OpenID Connect CIBA Core §13).
    public static let unknownUserID = Self(rawValue: "unknown_user_id")
    /// The binding message cannot be shown (OpenID Connect CIBA Core §13).
    public static let invalidBindingMessage = Self(rawValue: "invalid_binding_message")
    /// The authorization details are malformed, or of a type that is unknown, not for this client, or
    /// more than was granted (RFC 9396 §5).
    public static let invalidAuthorizationDetails = Self(
        rawValue: "invalid_authorization_details")
    /// No authentication here is of the class that the client cannot do without (OpenID Connect
    /// Core Error Code unmet_authentication_requirements 1.0 §2).
    public static let unmetAuthenticationRequirements = Self(
        rawValue: "unmet_authentication_requirements")
    /// One of the redirect URIs cannot be registered (RFC 7591 §3.2.2).
    public static let invalidRedirectURI = Self(rawValue: "invalid_redirect_uri")
    /// Some of the client's metadata cannot be registered (RFC 7591 §3.2.2).
    public static let invalidClientMetadata = Self(rawValue: "invalid_client_metadata")
}
