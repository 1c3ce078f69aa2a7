private import GatehouseProtocol

extension IdentityProvider {
    /// A token for the app itself, where nobody is signed in (RFC 6749 §4.4).
    ///
    /// - Throws: ``ClientError``.
    public func clientCredentials(scopes: [String] = []) async throws -> IssuedToken {
        var parameters = [("grant_type", "client_credentials")]
        if !scopes.isEmpty { parameters.append(("scope", scopes.joined(separator: " "))) }
        return IssuedToken(try await tokens(parameters), asked: scopes)
    }

    /// A token in exchange for another one (RFC 8693).
    ///
    /// - Throws: ``ClientError``.
    public func exchange(_ exchange: TokenExchange) async throws -> IssuedToken {
        IssuedToken(try await tokens(exchange.parameters), asked: exchange.scopes)
    }

    /// Makes a token worthless, and with a refresh token all that came of the same sign-in
    /// (RFC 7009).
    ///
    /// - Throws: ``ClientError``; a token that was worthless before is no error.
    public func revoke(_ token: String) async throws {
        do {
            _ = try await endpoints.post(
                [("token", token)], to: metadata.address(of: .revocation), provesKey: false)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
    }

    /// Makes the tokens of a person worthless.
    ///
    /// - Throws: ``ClientError``.
    public func revoke(_ tokens: TokenSet) async throws {
        try check(tokens)
        try await revoke(tokens.refreshToken ?? tokens.accessToken)
    }

    /// Where to send the browser so that the session at the provider ends, too (OpenID Connect
    /// RP-Initiated Logout 1.0 §2).
    ///
    /// Forget the tokens first: nobody comes back from there for certain.
    ///
    /// - Parameters:
    ///   - tokens: The tokens of whoever signs out.
    ///   - redirectURI: Where the browser goes then; registered with the provider.
    ///   - state: What it brings back there.
    /// - Returns: The address.
    /// - Throws: ``ClientError/configuration(_:)`` if the provider has no such endpoint.
    public func logoutURL(
        for tokens: TokenSet, redirectURI: String? = nil, state: String? = nil
    ) throws -> String {
        try check(tokens)
        var parameters = [
            ("id_token_hint", tokens.idToken), ("client_id", configuration.clientID),
        ]
        if let redirectURI { parameters.append(("post_logout_redirect_uri", redirectURI)) }
        if let state { parameters.append(("state", state)) }
        return try metadata.address(of: .endSession).adding(FormParameters(parameters))
    }

    /// A proof that the app has the key that a token is bound to, for one request to an API
    /// (RFC 9449 §7.1): the value of the header `DPoP`.
    ///
    /// - Throws: ``ClientError/configuration(_:)`` if the app has no such key.
    public func proof(
        method: String, url: String, accessToken: String, nonce: String? = nil
    ) throws -> String {
        guard let key = configuration.tokenKey else {
            throw ClientError.configuration("The configuration has no key to bind tokens to.")
        }
        return try key.proof(
            method: method, address: url, accessToken: accessToken, nonce: nonce,
            time: clock.time, name: random.secret())
    }
}
