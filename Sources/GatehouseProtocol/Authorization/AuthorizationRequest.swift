private import GatehouseEncoding

/// An authorization request whose client and redirect URI are proven, parsed once and valid by
/// construction (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1).
///
/// There are two stages and two kinds of error. ``ClaimedRequest`` is what a stranger claims: an
/// error there is shown on a page. This type is made only after the client and the redirect URI
/// are proven: an error here is sent to the client.
public struct AuthorizationRequest: Sendable, Hashable {
    /// The scope values.
    public let scope: Scope
    /// What the client gets back unchanged.
    public let state: String?
    /// What the client sent to tie the token to its request.
    public let nonce: String?
    /// The proof key, hashed.
    public let codeChallenge: CodeChallenge?
    /// What the person should be asked.
    public let prompt: Prompt
    /// The oldest sign-in that will do, in seconds.
    public let maxAge: Int64?
    /// Whom the client thinks that it sends; shown in the form, never trusted.
    public let loginHint: String?
    /// An ID token of the person that the client expects.
    public let idTokenHint: String?
    /// What the tokens are to be for (RFC 8707 §2.1).
    public let resources: [ResourceIndicator]
    /// The key that the code is to be bound to (RFC 9449 §10).
    public let dpopKey: JWKThumbprint?
    /// How the answer travels.
    public let responseMode: ResponseMode
    /// The authentication context classes that the client would like, most wanted first.
    public let acrValues: [String]
    /// The claims that the client asks for one by one.
    public let claims: ClaimsRequest?
    /// What the client wants to do, in full (RFC 9396 §2).
    public let authorizationDetails: AuthorizationDetails?
    /// The organization that the client wants the person to sign in to, by its id or slug.
    public let organization: RequestedOrganization?

    /// The most bytes that `state` and `nonce` may have.
    public static let valueLimit = 2_048

    /// Parses what follows once client and redirect URI are proven.
    public init(_ form: FormParameters) throws(OAuthError) {
        if form.hasRepetition(besides: [.resource]) {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        try Self.refuseRequestObjects(form)
        let responseType = try form.require(.responseType)
        guard responseType.isExactly("code") else {
            throw OAuthError(.unsupportedResponseType, "The response_type must be code.")
        }
        responseMode = try Self.responseMode(form)
        scope =
            try form[.scope].map { text throws(OAuthError) in try Scope(parsing: text) } ?? .none
        state = try Self.bounded(form[.state])
        nonce = try Self.bounded(form[.nonce])
        codeChallenge = try Self.codeChallenge(form)
        prompt =
            try form[.prompt].map { text throws(OAuthError) in try Prompt(parsing: text) } ?? []
        maxAge = try form[.maxAge].map { text throws(OAuthError) in try Self.seconds(text) }
        loginHint = form[.loginHint].flatMap { $0.utf8.count <= 320 ? $0 : nil }
        idTokenHint = form[.idTokenHint]
        resources = try ResourceIndicator.requested(in: form)
        dpopKey = try form[.dpopJKT].map { text throws(OAuthError) in try Self.thumbprint(text) }
        acrValues = try Self.acrValues(form)
        claims = try form[.claims].map { text throws(OAuthError) in
            try ClaimsRequest(parsing: text)
        }
        authorizationDetails = try AuthorizationDetails.requested(in: form)
        organization = RequestedOrganization(form)
    }

    /// The mode that a request names, for its errors too; nil if it names none that is known.
    package static func claimedMode(_ form: FormParameters) -> ResponseMode? {
        form[.responseMode].flatMap(ResponseMode.init(parsing:))
    }

    /// The authentication context classes of which one is wanted; none if any will do.
    package var contextClasses: [String] {
        claims.flatMap { $0.contextClasses.isEmpty ? nil : $0.contextClasses } ?? acrValues
    }

    /// True if an answer without a wanted class is worse than none.
    package var isContextClassEssential: Bool {
        claims.map { $0.isContextClassEssential && !$0.contextClasses.isEmpty } ?? false
    }

    /// The parameters that make the same request again, for storing it.
    package var parameters: [(ParameterName, String)] {
        let optional: [(ParameterName, String?)] = [
            (.responseType, "code"), (.scope, scope.text), (.state, state), (.nonce, nonce),
            (.codeChallenge, codeChallenge?.text),
            (.codeChallengeMethod, codeChallenge.map { _ in "S256" }), (.prompt, prompt.text),
            (.maxAge, maxAge.map(String.init)), (.loginHint, loginHint),
            (.idTokenHint, idTokenHint), (.dpopJKT, dpopKey?.text),
            (.responseMode, responseMode == .query ? nil : responseMode.text),
            (.acrValues, acrValues.joined(separator: " ")), (.claims, claims?.text),
            (.authorizationDetails, authorizationDetails?.text),
        ]
        let organizations = organization?.parameters ?? []
        let single = optional.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : (name, $0) }
        }
        return single + organizations + resources.map { (.resource, $0.text) }
    }

    private static func codeChallenge(_ form: FormParameters) throws(OAuthError) -> CodeChallenge? {
        guard let challenge = form[.codeChallenge] else {
            guard !form.contains(.codeChallengeMethod) else {
                throw OAuthError(.invalidRequest, "The code_challenge is missing.")
            }
            return nil
        }
        return try CodeChallenge(challenge, method: form[.codeChallengeMethod])
    }

    private static func thumbprint(_ text: String) throws(OAuthError) -> JWKThumbprint {
        guard let thumbprint = JWKThumbprint(parsing: text) else {
            throw OAuthError(
                .invalidRequest, "The dpop_jkt is not the SHA-256 thumbprint of a key.")
        }
        return thumbprint
    }

    private static func responseMode(_ form: FormParameters) throws(OAuthError) -> ResponseMode {
        guard let text = form[.responseMode] else { return .query }
        guard let mode = ResponseMode(parsing: text) else {
            throw OAuthError(.invalidRequest, "The response_mode is not supported.")
        }
        return mode
    }

    private static func acrValues(_ form: FormParameters) throws(OAuthError) -> [String] {
        guard let text = form[.acrValues] else { return [] }
        guard text.utf8.count <= valueLimit else {
            throw OAuthError(.invalidRequest, "The acr_values are longer than 2048 bytes.")
        }
        return text.utf8.split(separator: UInt8(ascii: " ")).compactMap { String($0) }
    }

    /// Refuses what would stand for the request.
    ///
    /// A pushed request was unfolded before (RFC 9126 §4), and so was a signed one (RFC 9101): what
    /// is left here is nothing that we can read.
    private static func refuseRequestObjects(_ form: FormParameters) throws(OAuthError) {
        if form.contains(.request) {
            throw OAuthError(.invalidRequestObject, "The request parameter cannot be read.")
        }
        if form.contains(.requestURI) {
            throw OAuthError(.requestURINotSupported, "The request_uri is not supported.")
        }
        if form.contains(.registration) {
            throw OAuthError(.registrationNotSupported, "The registration is not supported.")
        }
    }

    private static func bounded(_ value: String?) throws(OAuthError) -> String? {
        guard (value?.utf8.count ?? 0) <= valueLimit else {
            throw OAuthError(.invalidRequest, "The state or nonce is longer than 2048 bytes.")
        }
        return value
    }

    private static func seconds(_ text: String) throws(OAuthError) -> Int64 {
        guard (1...10).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seconds = Int64(text)
        else {
            throw OAuthError(.invalidRequest, "The max_age is not a number of seconds.")
        }
        return seconds
    }
}

/// What an authorization request claims before anything is proven: which client asks, and where it
/// wants the answer.
///
/// Nothing is ever sent to that address before a client is found that registered it.
public struct ClaimedRequest: Sendable {
    /// The client by its `client_id`.
    public let clientID: String
    /// The redirect URI, if it was sent.
    public let redirectURI: String

    /// Why a request cannot even be looked up.
    public enum Unusable: Error, Sendable {
        case noClientID
        case repeatedClientID
        case noRedirectURI
        case repeatedRedirectURI
    }

    /// Reads the two parameters that must be proven first.
    public init(_ form: FormParameters) throws(Unusable) {
        guard !form.isRepeated(.clientID) else { throw .repeatedClientID }
        guard let clientID = form[.clientID] else { throw .noClientID }
        guard !form.isRepeated(.redirectURI) else { throw .repeatedRedirectURI }
        guard let redirectURI = form[.redirectURI] else { throw .noRedirectURI }
        self.clientID = clientID
        self.redirectURI = redirectURI
    }
}
