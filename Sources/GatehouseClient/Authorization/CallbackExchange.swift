private import GatehouseEncoding

extension IdentityProvider {
    /// Turns what a browser brought back into the person who signed in.
    ///
    /// Nothing can be left out: the answer has to carry the state of the attempt and come from this
    /// issuer (RFC 9207), and the ID token has to be signed by one of the issuer's keys and be
    /// right in `iss`, `aud`, `azp`, `exp`, `nbf`, `iat`, `nonce`, `at_hash` and `auth_time`.
    ///
    /// - Parameters:
    ///   - callback: The address that the browser came to, its query alone, or the form that it
    ///     posted.
    ///   - attempt: What ``authorizationURL(_:)`` returned, kept for this very browser.
    /// - Returns: Who signed in, with tokens to keep.
    /// - Throws: ``ClientError``.
    public func exchange(
        callback: String, for attempt: AuthorizationAttempt
    ) async throws -> Agent {
        let now = clock.time
        guard attempt.issuer.isExactly(issuer), attempt.clientID.isExactly(configuration.clientID)
        else { throw ClientError.callback(.otherProvider) }
        guard now < attempt.begunAt + AuthorizationAttempt.lifetime else {
            throw ClientError.callback(.expired)
        }
        let answer = try AuthorizationCallback(callback, to: attempt, from: metadata)
        guard await answered.claim(attempt, at: now) else {
            throw ClientError.callback(.replayed)
        }
        switch answer {
        case .refused(let refusal): throw ClientError(refusal)
        case .code(let code): return try await agent(redeeming: code, of: attempt)
        }
    }

    private func agent(
        redeeming code: String, of attempt: AuthorizationAttempt
    ) async throws -> Agent {
        let answer = try await tokens([
            ("grant_type", "authorization_code"), ("code", code),
            ("redirect_uri", attempt.redirectURI), ("code_verifier", attempt.codeVerifier),
        ])
        return try await agent(
            of: answer, scopes: attempt.scopes, nonce: .required(attempt.nonce),
            maxAge: attempt.maxAge, organization: attempt.organization)
    }

    /// The person whom a first answer is about.
    ///
    /// An organization may have been asked for by its id or its slug; the answer has to be about
    /// one.
    func agent(
        of answer: TokenAnswer, scopes: [String], nonce: IDTokenExpectation.Nonce, maxAge: Int64?,
        organization: String?
    ) async throws -> Agent {
        guard let encoded = answer.idToken else { throw ClientError.untrustworthy(.idToken) }
        let claims = try await claims(
            of: encoded,
            IDTokenExpectation(nonce: nonce, accessToken: answer.accessToken, maxAge: maxAge))
        guard organization == nil || claims.text("org_id") != nil else {
            throw ClientError.untrustworthy(.organization)
        }
        let tokens = TokenSet(
            answer, idToken: encoded, from: self, scopes: scopes, claims: claims,
            nonce: nonce.value)
        return try Agent(tokens, claims: claims)
    }
}
