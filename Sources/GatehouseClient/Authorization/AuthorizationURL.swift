private import Crypto
private import GatehouseEncoding
private import GatehouseProtocol

extension IdentityProvider {
    /// Begins an attempt to sign in: with PKCE, a state and a nonce, each time (RFC 9700 §2.1).
    ///
    /// - Returns: One value with the address to send the browser to, and everything that the answer
    ///   will be compared with.
    /// - Throws: ``ClientError``.
    public func authorizationURL(
        _ options: AuthorizationOptions = AuthorizationOptions()
    ) async throws -> AuthorizationAttempt {
        try check(options)
        let (state, nonce, verifier) = (random.secret(), random.secret(), random.secret())
        var parameters = [
            ("response_type", "code"), ("client_id", configuration.clientID),
            ("redirect_uri", configuration.redirectURI),
            ("scope", options.scopes.joined(separator: " ")), ("state", state), ("nonce", nonce),
            (
                "code_challenge",
                Base64URL.encode(SHA256.hash(data: Array(verifier.utf8)))
            ), ("code_challenge_method", "S256"),
        ]
        parameters += options.parameters
        parameters += configuration.resources.map { ("resource", $0) }
        if let key = configuration.tokenKey { parameters.append(("dpop_jkt", key.thumbprint)) }
        return AuthorizationAttempt(
            url: try await address(for: parameters), state: state, nonce: nonce,
            codeVerifier: verifier, issuer: issuer, clientID: configuration.clientID,
            redirectURI: configuration.redirectURI, scopes: options.scopes,
            maxAge: options.maxAge, organization: options.organization, begunAt: clock.time)
    }

    private func check(_ options: AuthorizationOptions) throws(ClientError) {
        guard options.scopes.contains("openid") else {
            throw .configuration("Ask for the scope openid: without it nobody says who came.")
        }
        guard !configuration.redirectURI.isEmpty else {
            throw .configuration("The configuration lacks the redirect URI.")
        }
        guard (0...1 << 32).contains(options.maxAge ?? 0) else {
            throw .configuration("The greatest age of a sign-in is a number of seconds from 0 on.")
        }
    }

    /// The address with the parameters in it, or with the name of the request that they were pushed
    /// as (RFC 9126 §4).
    private func address(for parameters: [(String, String)]) async throws -> String {
        let endpoint = try metadata.address(of: .authorization)
        guard configuration.pushesRequests else {
            return endpoint.adding(FormParameters(parameters))
        }
        let answer: JSONObject?
        do {
            answer = try await endpoints.post(
                parameters, to: metadata.address(of: .pushedAuthorizationRequest),
                provesKey: true)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
        guard let name = answer?["request_uri"]?.string, !name.isEmpty else {
            throw ClientError.untrustworthy(.answer)
        }
        return endpoint.adding(
            FormParameters([("client_id", configuration.clientID), ("request_uri", name)]))
    }
}

extension AuthorizationOptions {
    /// What is asked for besides what is always asked for.
    fileprivate var parameters: [(String, String)] {
        var parameters: [(String, String)] = []
        if let prompt { parameters.append(("prompt", prompt.rawValue)) }
        if let maxAge { parameters.append(("max_age", String(maxAge))) }
        if let loginHint { parameters.append(("login_hint", loginHint)) }
        if let organization { parameters.append(("organization", organization)) }
        if !locales.isEmpty {
            parameters.append(("ui_locales", locales.joined(separator: " ")))
        }
        return parameters
    }
}
