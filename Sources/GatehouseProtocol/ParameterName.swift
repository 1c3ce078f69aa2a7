/// The name of a request parameter.
///
/// Names stand here and nowhere else.
public struct ParameterName: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The name on the wire: ASCII, as registered with IANA.
    public let text: StaticString

    /// Makes a name of a literal.
    public init(_ text: StaticString) {
        self.text = text
    }

    /// Makes a name of a literal.
    public init(stringLiteral text: StaticString) {
        self.text = text
    }

    /// Two names are equal if their bytes are.
    public static func == (left: Self, right: Self) -> Bool {
        left.text.description == right.text.description
    }

    /// Hashes the name's bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(text.description)
    }
}

extension ParameterName {
    package static let clientAssertion = Self("client_assertion")
    package static let clientID = Self("client_id")
    package static let clientSecret = Self("client_secret")
    package static let code = Self("code")
    package static let codeChallenge = Self("code_challenge")
    package static let codeChallengeMethod = Self("code_challenge_method")
    package static let codeVerifier = Self("code_verifier")
    package static let grantType = Self("grant_type")
    package static let idTokenHint = Self("id_token_hint")
    package static let loginHint = Self("login_hint")
    package static let maxAge = Self("max_age")
    package static let nonce = Self("nonce")
    package static let postLogoutRedirectURI = Self("post_logout_redirect_uri")
    package static let prompt = Self("prompt")
    package static let redirectURI = Self("redirect_uri")
    package static let refreshToken = Self("refresh_token")
    package static let registration = Self("registration")
    package static let request = Self("request")
    package static let requestURI = Self("request_uri")
    package static let resource = Self("resource")
    package static let responseMode = Self("response_mode")
    package static let responseType = Self("response_type")
    package static let scope = Self("scope")
    package static let state = Self("state")
    package static let token = Self("token")
    package static let clientAddress = Self("client_address")
    package static let tokenTypeHint = Self("token_type_hint")
    package static let accessToken = Self("access_token")
    package static let clientAssertionType = Self("client_assertion_type")
    package static let dpopJKT = Self("dpop_jkt")
    package static let deviceCode = Self("device_code")
    package static let userCode = Self("user_code")
    package static let acrValues = Self("acr_values")
    package static let claims = Self("claims")
    package static let subjectToken = Self("subject_token")
    package static let subjectTokenType = Self("subject_token_type")
    package static let actorToken = Self("actor_token")
    package static let actorTokenType = Self("actor_token_type")
    package static let requestedTokenType = Self("requested_token_type")
    package static let requestedSubject = Self("requested_subject")
    package static let audience = Self("audience")
    package static let assertion = Self("assertion")
    package static let authReqID = Self("auth_req_id")
    package static let bindingMessage = Self("binding_message")
    package static let loginHintToken = Self("login_hint_token")
    package static let requestedExpiry = Self("requested_expiry")
    package static let logoutToken = Self("logout_token")
    package static let clientNotificationToken = Self("client_notification_token")
    package static let authorizationDetails = Self("authorization_details")
    package static let organization = Self("organization")
    package static let org = Self("org")
    package static let organizationID = Self("organization_id")
    package static let invitationToken = Self("invitation_token")
}
