private import Crypto
private import GatehouseEncoding
package import GatehouseProtocol

/// What an authorization code stands for besides its grant: what the request to redeem it must
/// match (RFC 6749 §4.1.3, RFC 7636 §4.6).
package struct AuthorizationCode: Sendable {
    package let redirectURI: String
    package let codeChallenge: CodeChallenge?
    package let nonce: String?
    /// The key that must be proven to redeem the code (RFC 9449 §10).
    package let dpopKey: JWKThumbprint?

    /// How long a code can be redeemed.
    package static let lifetime = Lifetime.seconds(60)

    package init(
        redirectURI: RedirectURI, codeChallenge: CodeChallenge?, nonce: String?,
        dpopKey: JWKThumbprint?
    ) {
        self.redirectURI = redirectURI.text
        self.codeChallenge = codeChallenge
        self.nonce = nonce
        self.dpopKey = dpopKey
    }

    /// Why the request cannot redeem the code; nil if it can.
    ///
    /// A request that leaves out the redirect URI is one of OAuth 2.1, where the proof key binds
    /// the code; without a proof key the URI is required.
    package func problem(with request: AuthorizationCodeRequest) -> OAuthError? {
        if let dpopKey {
            guard case .key(let proof)? = request.proof else {
                return OAuthError(
                    .invalidDPoPProof, "The code is bound to a key: a DPoP proof is required.")
            }
            guard proof.thumbprint == dpopKey else {
                return OAuthError(.invalidGrant, "The code is bound to another key.")
            }
        }
        return redirectURIProblem(with: request) ?? proofKeyProblem(with: request)
    }

    private func redirectURIProblem(with request: AuthorizationCodeRequest) -> OAuthError? {
        if let redirectURI = request.redirectURI {
            guard redirectURI.isExactly(self.redirectURI) else {
                return OAuthError(.invalidGrant, "The redirect_uri is not the one of the request.")
            }
        } else if codeChallenge == nil {
            return OAuthError(.invalidGrant, "The redirect_uri is missing.")
        }
        return nil
    }

    private func proofKeyProblem(with request: AuthorizationCodeRequest) -> OAuthError? {
        CodeChallenge.problem(of: request.codeVerifier, with: codeChallenge)
    }

    var stored: String {
        let json = JSONWriter.object { json in
            json.add("redirect_uri", redirectURI)
            if let codeChallenge { json.add("code_challenge", codeChallenge.text) }
            if let nonce { json.add("nonce", nonce) }
            if let dpopKey { json.add("dpop_jkt", dpopKey.text) }
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        redirectURI = json["redirect_uri"]?.string ?? ""
        codeChallenge = json["code_challenge"]?.string.flatMap(CodeChallenge.init(stored:))
        nonce = json["nonce"]?.string
        dpopKey = json["dpop_jkt"]?.string.flatMap(JWKThumbprint.init(parsing:))
    }
}

extension CodeChallenge {
    /// Why a verifier does not prove that its sender made the challenge (RFC 7636 §4.6); nil if it
    /// does, or if there is neither.
    static func problem(of verifier: String?, with challenge: CodeChallenge?) -> OAuthError? {
        switch (challenge, verifier) {
        case (nil, nil):
            return nil
        case (nil, _?):
            return OAuthError(.invalidGrant, "The code was issued without a code_challenge.")
        case (_?, nil):
            return OAuthError(.invalidGrant, "The code_verifier is missing.")
        case (let challenge?, let text?):
            guard let verifier = CodeVerifier(text),
                Base64URL.encode(Array(SHA256.hash(data: Array(verifier.text.utf8))))
                    .isExactly(challenge.text)
            else {
                return OAuthError(
                    .invalidGrant, "The code_verifier does not fit the code_challenge.")
            }
            return nil
        }
    }
}
