private import GatehouseEncoding

extension IdentityProvider {
    /// New tokens for old ones, from one request however many tasks ask (RFC 6749 §6, OpenID Connect
    /// Core §12).
    ///
    /// - Parameters:
    ///   - tokens: The tokens that the app kept.
    ///   - organization: The organization that the new tokens are to be about; nil for the one or
    ///     those of the old ones.
    /// - Returns: What to keep in place of the old tokens.
    /// - Throws: ``ClientError``; ``ClientError/endsSession`` says whether the old ones are of any use
    ///   still.
    public func refresh(
        _ tokens: TokenSet, organization: String? = nil
    ) async throws -> TokenSet {
        try check(tokens)
        guard tokens.refreshToken != nil else { throw ClientError.tokenExpired }
        return try await refreshes.tokens(
            for: tokens, Refreshes.Options(organization: organization), clock: clock
        ) { former, options in
            try await refreshed(former, options)
        }
    }

    /// Refuses tokens that are somebody else's business.
    func check(_ tokens: TokenSet) throws(ClientError) {
        guard tokens.issuer.isExactly(issuer),
            tokens.clientID.isExactly(configuration.clientID)
        else { throw .configuration("These tokens are another provider's or another client's.") }
        guard tokens.isBound == (configuration.tokenKey != nil) else {
            throw .configuration("These tokens need the key that they are bound to, or need none.")
        }
    }

    private func refreshed(
        _ former: TokenSet, _ options: Refreshes.Options
    ) async throws -> TokenSet {
        guard let token = former.refreshToken else { throw ClientError.tokenExpired }
        var parameters = [("grant_type", "refresh_token"), ("refresh_token", token)]
        if let organization = options.organization {
            parameters.append(("organization_id", organization))
        }
        let answer: TokenAnswer
        do {
            answer = try await tokens(parameters)
        } catch ClientError.oauth(let refusal) {
            throw ClientError.refresh(refusal)
        }
        guard let encoded = answer.idToken else {
            let userInfo = try await userInfo(after: answer, of: former)
            return TokenSet(answer, after: former, userInfo: userInfo)
        }
        let claims = try await claims(
            of: encoded,
            IDTokenExpectation(nonce: .kept(former.nonce), accessToken: answer.accessToken))
        guard claims.subject.isExactly(former.subject) else { throw ClientError.subjectMismatch }
        return TokenSet(answer, after: former, userInfo: nil)
    }

    /// What the provider says of the person where a refresh brought no ID token.
    private func userInfo(
        after answer: TokenAnswer, of former: TokenSet
    ) async throws -> String? {
        guard metadata.has(.userInfo) else { return former.userInfo }
        let claims = try await userInfo(
            of: TokenSet(answer, after: former, userInfo: nil))
        return String(decoding: claims.object.serialized(), as: UTF8.self)
    }

    /// What the provider says of the person now (OpenID Connect Core §5.3).
    ///
    /// - Throws: ``ClientError``, and ``ClientError/subjectMismatch`` if the answer is about somebody
    ///   else than the tokens.
    public func userInfo(of tokens: TokenSet) async throws -> Claims {
        try check(tokens)
        do {
            let object = try await endpoints.get(
                metadata.address(of: .userInfo), with: tokens)
            guard object["sub"]?.string?.isExactly(tokens.subject) ?? false else {
                throw ClientError.subjectMismatch
            }
            return try Claims(object)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
    }
}
