private import Synchronization

/// Attempts to fetch something of other servers: one at a time for each thing, and a pause after it,
/// whatever it brought.
///
/// So nobody can make this server ask and ask.
final class FetchAttempts<Key: Hashable & Sendable>: Sendable {
    /// What is known of the attempts at one thing.
    private struct Attempts: Sendable {
        var begunAt: Timestamp?
        var current: Task<Void, any Error>?

        /// True if it may be tried now, whichever way the clock was set since.
        func mayBegin(after pause: Lifetime, at now: Timestamp) -> Bool {
            guard let begunAt else { return true }
            return now < begunAt - pause || begunAt + pause <= now
        }
    }

    /// How long after one attempt the next may be made.
    private let pause: Lifetime
    private let table = Mutex(RecentlyUsed<Key, Attempts>(limit: 4_096))

    init(pause: Lifetime) {
        self.pause = pause
    }

    /// True if an attempt would begin now.
    func isDue(_ key: Key, at now: Timestamp) -> Bool {
        table.withLock { table in
            let attempts = table[key] ?? Attempts()
            return attempts.current == nil && attempts.mayBegin(after: pause, at: now)
        }
    }

    /// The attempt that is under way, or else one that begins now, if it may be made.
    @discardableResult
    func begin(
        _ key: Key, at now: Timestamp, _ work: @escaping @Sendable () async throws -> Void
    ) -> Task<Void, any Error>? {
        table.withLock { table -> Task<Void, any Error>? in
            var attempts = table[key] ?? Attempts()
            if let current = attempts.current { return current }
            guard attempts.mayBegin(after: self.pause, at: now) else { return nil }
            let current = Task {
                defer { self.table.withLock { $0[key]?.current = nil } }
                try await work()
            }
            attempts.begunAt = now
            attempts.current = current
            table[key] = attempts
            return current
        }
    }
}
