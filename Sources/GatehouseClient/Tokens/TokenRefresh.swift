private import GatehouseEncoding
private import GatehouseJOSE

extension IdentityProvider {
    /// New tokens for old ones, from one request however many tasks ask (RFC 6749 §6, OpenID
    /// Connect Core §12).
    ///
    /// - Parameters:
    ///   - tokens: The tokens that the app kept.
    ///   - organization: The id of the organization that the new tokens are to be about; nil for
    ///     the one or those of the old ones.
    /// - Returns: What to keep in place of the old tokens.
    /// - Throws: ``ClientError``; ``ClientError/endsSession`` says whether the old ones are of any
    ///   use still.
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
        } catch ClientError.oauth(let refusal) where options.organization == nil {
            // Who may not switch to an organization stays where they are.
            throw ClientError.refresh(refusal)
        }
        guard let encoded = answer.idToken else {
            let userInfo = try await userInfo(after: answer, of: former, options)
            return TokenSet(answer, after: former, userInfo: userInfo)
        }
        let claims: Claims
        do {
            claims = try await self.claims(
                of: encoded,
                IDTokenExpectation(nonce: .kept(former.nonce), accessToken: answer.accessToken))
        } catch let error as ClientError {
            guard options.organization == nil, try await isUncertain(encoded, error) else {
                throw error
            }
            return TokenSet(answer, keeping: former)
        }
        guard claims.subject.isExactly(former.subject) else { throw ClientError.subjectMismatch }
        try check(claims, options)
        return TokenSet(answer, after: former, userInfo: nil)
    }

    /// Refuses claims that are not about the organization that was asked for.
    private func check(_ claims: Claims, _ options: Refreshes.Options) throws(ClientError) {
        guard let wanted = options.organization else { return }
        guard claims.text("org_id")?.isExactly(wanted) ?? false else {
            throw .untrustworthy(.organization)
        }
    }

    /// What the provider says of the person where a refresh brought no ID token.
    ///
    /// If it says nothing, what it said before counts on: the old tokens may be worthless already,
    /// so the new ones must not be lost. Only a switch of the organization has to be confirmed.
    private func userInfo(
        after answer: TokenAnswer, of former: TokenSet, _ options: Refreshes.Options
    ) async throws -> String? {
        let claims: Claims
        do {
            guard metadata.has(.userInfo) else {
                throw ClientError.untrustworthy(.organization)
            }
            claims = try await userInfo(of: TokenSet(answer, after: former, userInfo: nil))
        } catch let error as ClientError {
            guard options.organization == nil, error != .subjectMismatch else { throw error }
            return former.userInfo
        }
        try check(claims, options)
        return String(decoding: claims.object.serialized(), as: UTF8.self)
    }

    /// What the provider says of the person now (OpenID Connect Core §5.3).
    ///
    /// - Throws: ``ClientError``, and ``ClientError/subjectMismatch`` if the answer is about
    ///   somebody else than the tokens.
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

extension IdentityProvider {
    /// Whether nobody can tell yet if an ID token is right, since its key cannot be had.
    ///
    /// The old tokens may be worthless already, so the new ones must not be lost over it. Nothing is
    /// believed of the new ID token: what the old one says counts on.
    private func isUncertain(_ encoded: String, _ error: ClientError) async throws -> Bool {
        switch error {
        case .unreachable, .untrustworthy(.keySet): return true
        case .untrustworthy(.key):
            return await keys.isTooEarly(for: try UnverifiedJWS(parsing: encoded))
        default: return false
        }
    }
}
