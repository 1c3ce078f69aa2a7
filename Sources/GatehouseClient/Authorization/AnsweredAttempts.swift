private import GatehouseEncoding

/// The attempts that were answered, so that none is answered twice.
///
/// What was answered in another process is refused by the provider: a code works once.
actor AnsweredAttempts {
    private var states: [ExactText: Int64] = [:]

    /// How many attempts are remembered.
    private static let capacity = 10_000

    /// Claims an attempt.
    ///
    /// - Returns: False if somebody did before.
    func claim(_ attempt: AuthorizationAttempt, at now: Int64) -> Bool {
        let state = ExactText(attempt.state)
        guard states[state] == nil else { return false }
        if states.count >= Self.capacity {
            states = states.filter { now < $0.value }
            let surplus = states.sorted { $0.value < $1.value }
                .prefix(max(0, states.count - Self.capacity + 1))
            for (oldest, _) in surplus { states[oldest] = nil }
        }
        states[state] = attempt.begunAt + AuthorizationAttempt.lifetime
        return true
    }
}
