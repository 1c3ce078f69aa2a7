/// A device authorization request (RFC 8628 §3.1), parsed once and valid by construction.
public struct DeviceAuthorizationRequest: Sendable {
    /// The scope values.
    public let scope: Scope
    /// The proof key, hashed, if the client sends one: then polling needs the verifier.
    public let codeChallenge: CodeChallenge?
    /// The resources that tokens are to be for (RFC 8707).
    public let resources: [ResourceIndicator]

    /// Parses the form of a request, all but the client's authentication.
    public init(_ form: FormParameters) throws(OAuthError) {
        if form.hasRepetition(besides: [.resource]) {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        try AuthorizationDetails.refuse(in: form)
        scope =
            try form[.scope].map { text throws(OAuthError) in try Scope(parsing: text) } ?? .none
        resources = try ResourceIndicator.requested(in: form)
        guard let challenge = form[.codeChallenge] else {
            guard !form.contains(.codeChallengeMethod) else {
                throw OAuthError(.invalidRequest, "The code_challenge is missing.")
            }
            codeChallenge = nil
            return
        }
        codeChallenge = try CodeChallenge(challenge, method: form[.codeChallengeMethod])
    }

    /// Makes a request of its parts.
    package init(
        scope: Scope, codeChallenge: CodeChallenge? = nil, resources: [ResourceIndicator] = []
    ) {
        self.scope = scope
        self.codeChallenge = codeChallenge
        self.resources = resources
    }
}
