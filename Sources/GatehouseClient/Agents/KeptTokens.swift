private import GatehouseEncoding

extension IdentityProvider {
    /// Whoever the tokens are about that an app kept, with new tokens if the old ones are about to
    /// end.
    ///
    /// However many tasks ask with the same tokens, one request refreshes them. Each caller gets
    /// the new ones, and its `onRefresh` is awaited before it gets the agent, so that no request
    /// goes on with tokens that are stored nowhere.
    ///
    /// - Parameters:
    ///   - tokens: The tokens that the app kept.
    ///   - onRefresh: Stores new tokens in place of the old ones. What it throws is thrown on.
    ///   - onRefreshError: Is told why there are no new tokens. ``ClientError/endsSession`` says
    ///     whether to forget the old ones.
    /// - Returns: Who it is, with the tokens that count now.
    /// - Throws: ``ClientError``.
    public func agent(
        from tokens: TokenSet,
        onRefresh: (TokenSet) async throws -> Void = { _ in },
        onRefreshError: (ClientError) async -> Void = { _ in }
    ) async throws -> Agent {
        try check(tokens)
        let isDue = tokens.expires(by: clock.time, buffer: configuration.refreshBuffer)
        if !isDue {
            do {
                return try await agent(reading: tokens)
            } catch ClientError.untrustworthy(.key) where tokens.refreshToken != nil {
                // The key was retired since: new tokens are signed with one that is published.
            }
        }
        let renewed: TokenSet
        do {
            renewed = try await refresh(tokens)
        } catch let error as ClientError {
            // Before its end, a token is good even if the provider is away.
            if case .unreachable = error, !tokens.expires(by: clock.time) {
                do {
                    return try await agent(reading: tokens)
                } catch ClientError.untrustworthy(.key) {
                    // The key was retired, and who could sign anew is away.
                    throw error
                }
            }
            await onRefreshError(error)
            throw error
        }
        try await onRefresh(renewed)
        return try await agent(reading: renewed)
    }

    /// Reads tokens that the app kept: the ID token is checked anew, but for its times.
    private func agent(reading tokens: TokenSet) async throws -> Agent {
        var claims = try await claims(
            of: tokens.idToken,
            IDTokenExpectation(nonce: .kept(tokens.nonce), accessToken: nil, isFresh: false))
        guard claims.subject.isExactly(tokens.subject) else { throw ClientError.subjectMismatch }
        if let userInfo = tokens.userInfo {
            let newer: JSONObject
            do throws(JSONError) {
                newer = try JSONObject(parsing: Array(userInfo.utf8))
            } catch {
                throw ClientError.untrustworthy(.answer)
            }
            claims = try claims.updated(by: newer)
            guard claims.subject.isExactly(tokens.subject) else {
                throw ClientError.subjectMismatch
            }
        }
        return try Agent(tokens, claims: claims)
    }
}
