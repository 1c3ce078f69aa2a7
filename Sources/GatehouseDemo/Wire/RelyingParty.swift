import Crypto
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol

/// The client's side of OpenID Connect: where to send the browser, and what to make of what it
/// brings back.
struct RelyingParty: Sendable {
    let settings: DemoSettings
    let provider: Provider
    let outbound: Outbound

    /// How many seconds the clocks of provider and application may differ.
    static let clockTolerance: Int64 = 5

    /// Where a sign-in begins (OpenID Connect Core §3.1.2.1).
    func authorizationAddress(
        for login: PendingLogin, createsAccount: Bool, at now: Int64
    ) async throws -> String {
        let challenge = SHA256.hash(data: Array(login.codeVerifier.utf8))
        var parameters: [(ParameterName, String)] = [
            (.responseType, "code"), (.clientID, settings.clientID),
            (.redirectURI, settings.redirectURI), (.scope, DemoSettings.scope),
            (.state, login.state), (.nonce, login.nonce),
            (.codeChallenge, Base64URL.encode(challenge)), (.codeChallengeMethod, "S256"),
        ]
        if createsAccount { parameters.append((.prompt, "create")) }
        let endpoint = try await provider.metadata(at: now).authorizationEndpoint
        return Self.address(endpoint, parameters)
    }

    /// Turns the answer to a login into tokens, or into the reason why there are none.
    func tokens(
        for answer: AuthorizationAnswer, to login: PendingLogin, at now: Int64
    ) async throws -> Tokens {
        let metadata = try await provider.metadata(at: now)
        guard answer.issuer?.isExactly(settings.issuer) ?? !metadata.namesIssuerInAnswers else {
            throw ProblemView.Problem.untrustworthy(
                check: "The answer has to say that it is from the issuer we asked.")
        }
        switch answer.outcome {
        case .error(let code, let description):
            throw ProblemView.Problem.answered(code: code, description: description)
        case .code(let code):
            let answer = try await ask(
                [
                    (.grantType, "authorization_code"), (.code, code),
                    (.redirectURI, settings.redirectURI), (.codeVerifier, login.codeVerifier),
                ], at: now)
            guard let idToken = answer.idToken else {
                throw ProblemView.Problem.untrustworthy(check: "There has to be an ID token.")
            }
            let id = try await check(idToken, of: answer, nonce: .required(login.nonce), at: now)
            return Tokens(
                id: id, access: answer.accessToken, accessExpiresAt: now + answer.expiresIn,
                refresh: answer.refreshToken)
        }
    }

    /// New tokens for old ones (RFC 6749 §6, OpenID Connect Core §12).
    ///
    /// A new ID token has to be about the same person, and a refresh token that is not replaced
    /// stays good.
    func refreshed(_ tokens: Tokens, nonce: String, at now: Int64) async throws -> Tokens {
        guard let refreshToken = tokens.refresh else { return tokens }
        let answer = try await ask(
            [(.grantType, "refresh_token"), (.refreshToken, refreshToken)], at: now)
        var id = tokens.id
        if let idToken = answer.idToken {
            id = try await check(idToken, of: answer, nonce: .kept(nonce), at: now)
            guard id.subject.isExactly(tokens.id.subject) else {
                throw ProblemView.Problem.untrustworthy(
                    check: "The new ID token has to be about the same person.")
            }
        }
        return Tokens(
            id: id, access: answer.accessToken, accessExpiresAt: now + answer.expiresIn,
            refresh: answer.refreshToken ?? refreshToken)
    }

    /// Where the session at the provider ends (RP-Initiated Logout 1.0 §2), if it offers that.
    func endSessionAddress(idToken: IDToken, at now: Int64) async throws -> String? {
        let parameters: [(ParameterName, String)] = [
            (.idTokenHint, idToken.encoded), (.clientID, settings.clientID),
            (.postLogoutRedirectURI, settings.postLogoutRedirectURI),
        ]
        return try await provider.metadata(at: now).endSessionEndpoint
            .map { Self.address($0, parameters) }
    }

    /// Asks the token endpoint, as the client we are (`client_secret_basic`, RFC 6749 §2.3.1).
    private func ask(
        _ parameters: [(ParameterName, String)], at now: Int64
    ) async throws -> TokenAnswer {
        let credentials =
            settings.clientID.queryEncoded + ":" + settings.clientSecret.queryEncoded
        return try TokenAnswer(
            try await outbound.post(
                Array(Self.encoded(parameters).utf8),
                to: try await provider.metadata(at: now).tokenEndpoint,
                authorization: "Basic " + Base64.encode(credentials.utf8)))
    }

    private func check(
        _ idToken: String, of answer: TokenAnswer, nonce: IDToken.Nonce, at now: Int64
    ) async throws -> IDToken {
        do {
            let token = try UnverifiedJWS(parsing: idToken)
            let claims = try await provider.claims(of: token, type: .jwt, at: now)
            return try IDToken(
                idToken, verified: claims,
                IDToken.Expectation(
                    issuer: settings.issuer, clientID: settings.clientID, now: now,
                    nonce: nonce, accessToken: answer.accessToken))
        } catch let error as JOSEError {
            throw ProblemView.Problem.untrustworthy(check: error.check)
        }
    }

    private static func address(
        _ endpoint: String, _ parameters: [(ParameterName, String)]
    ) -> String {
        endpoint + (endpoint.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + encoded(parameters)
    }

    private static func encoded(_ parameters: [(ParameterName, String)]) -> String {
        parameters.map { "\($0.0.text)=\($0.1.queryEncoded)" }.joined(separator: "&")
    }
}

extension JOSEError {
    /// The check that a token did not pass, for people.
    fileprivate var check: String {
        switch self {
        case .expired: "Its time must not be over."
        case .notYetValid: "Its time has to have begun."
        case .unknownKey: "It has to be signed with one of the published keys."
        case .wrongSignature: "Its signature has to be right."
        case .wrongAlgorithm: "Its algorithm has to be that of the key."
        case .wrongType: "It has to be an ID token by its type."
        case .malformedClaim: "Its claims have to be complete and of the right kind."
        case .malformedKey: "The published keys have to be readable."
        default: "It has to be a readable signed token."
        }
    }
}
