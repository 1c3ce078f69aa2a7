/// Somebody who stays signed in for as long as a process runs: for tools and devices.
///
/// Web apps keep tokens per browser instead, and use
/// ``IdentityProvider/agent(from:onRefresh:onRefreshError:)``.
public actor AgentSession {
    private let provider: IdentityProvider
    private let onRefresh: @Sendable (TokenSet) async throws -> Void
    private let onRefreshError: @Sendable (ClientError) async -> Void
    private var tokens: TokenSet

    /// Goes on with tokens that were got before.
    ///
    /// - Parameters:
    ///   - tokens: The tokens of whoever signed in.
    ///   - provider: Where they are from.
    ///   - onRefresh: Stores new tokens, before anybody gets to use them.
    ///   - onRefreshError: Is told why there are none.
    public init(
        _ tokens: TokenSet, at provider: IdentityProvider,
        onRefresh: @escaping @Sendable (TokenSet) async throws -> Void = { _ in },
        onRefreshError: @escaping @Sendable (ClientError) async -> Void = { _ in }
    ) {
        self.tokens = tokens
        self.provider = provider
        self.onRefresh = onRefresh
        self.onRefreshError = onRefreshError
    }

    /// Whoever signed in, with tokens that are good now.
    public func agent() async throws -> Agent {
        let agent = try await provider.agent(
            from: tokens,
            onRefresh: { @Sendable tokens in
                // The old ones may be worthless, even if the new ones cannot be stored.
                await self.keep(tokens)
                try await self.onRefresh(tokens)
            }, onRefreshError: onRefreshError)
        return agent
    }

    /// Keeps the newer tokens: tasks may come back in another order than they went.
    private func keep(_ newer: TokenSet) {
        if newer.expiresAt >= tokens.expiresAt { tokens = newer }
    }
}
