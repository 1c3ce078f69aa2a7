private import Crypto
private import GatehouseEncoding

/// Sees to it that a refresh token is used once, however many tasks want it refreshed.
///
/// A rotated refresh token must not be presented again, and web apps have many requests of the same
/// browser at the same time, each with the same old tokens. So whoever comes while a refresh is
/// under way gets what comes of it, and so does who comes a little later.
actor Refreshes {
    /// What a refresh asks for besides new tokens.
    struct Options: Sendable, Equatable {
        /// The organization that the tokens are to be about from now on.
        var organization: String?
    }

    private struct Outcome {
        let options: Options
        let tokens: TokenSet
        let until: Int64
    }

    private var running: [ExactText: (options: Options, task: Task<TokenSet, any Error>)] = [:]
    private var recent: [ExactText: Outcome] = [:]

    /// How many seconds what came of a refresh is given to others who have the old tokens.
    static let memory: Int64 = 30
    /// How many outcomes are remembered.
    private static let capacity = 10_000

    /// New tokens for old ones.
    ///
    /// The work is done by a task of its own, so that it goes on if the first who asked gives up.
    func tokens(
        for former: TokenSet, _ options: Options, clock: ClientClock,
        _ work: @escaping @Sendable (TokenSet, Options) async throws -> TokenSet
    ) async throws -> TokenSet {
        var former = former
        var passed: Set<ExactText> = []
        while true {
            let key = Self.key(of: former)
            if let run = running[key] {
                if run.options == options { return try await run.task.value }
                // Somebody asks for other tokens: go on from what they get, or from where they
                // began.
                former = (try? await run.task.value) ?? former
            } else if let known = recent[key], clock.time < known.until,
                passed.insert(key).inserted
            {
                if known.options == options { return known.tokens }
                former = known.tokens
            } else {
                return try await begin(key, former, options, clock, work)
            }
        }
    }

    private func begin(
        _ key: ExactText, _ former: TokenSet, _ options: Options, _ clock: ClientClock,
        _ work: @escaping @Sendable (TokenSet, Options) async throws -> TokenSet
    ) async throws -> TokenSet {
        // The task belongs to this actor: who waits for it finds it gone, and what came of it
        // noted.
        let task = Task {
            defer { running[key] = nil }
            let tokens = try await work(former, options)
            remember(tokens, options, for: key, at: clock.time)
            return tokens
        }
        running[key] = (options, task)
        return try await task.value
    }

    /// Notes what came of a refresh, if the old refresh token is of no use any more.
    ///
    /// One that stays good gets newer tokens whenever somebody asks.

    private func remember(
        _ tokens: TokenSet, _ options: Options, for key: ExactText, at now: Int64
    ) {
        guard Self.key(of: tokens) != key else { return }
        if recent.count >= Self.capacity { recent = recent.filter { now < $0.value.until } }
        guard recent.count < Self.capacity else { return }
        recent[key] = Outcome(options: options, tokens: tokens, until: now + Self.memory)
    }

    /// The digest of a refresh token: no secret is kept as a key.
    private static func key(of tokens: TokenSet) -> ExactText {
        let token = tokens.refreshToken ?? ""
        return ExactText(Base64URL.encode(SHA256.hash(data: Array(token.utf8))))
    }
}
