@preconcurrency import Dispatch
import GatehouseSQL
import Synchronization

/// A transaction that waits for a thread.
struct PendingTransaction: Sendable {
    /// When its caller should not have to wait any longer.
    let deadline: ContinuousClock.Instant
    /// Runs it and tells its caller the outcome.
    let run: @Sendable (PostgresSession) -> Void
    /// Tells its caller that it did not happen.
    let refuse: @Sendable (DatabaseError) -> Void
}

/// What the threads take their work from: first in, first out, and bounded.
final class PostgresQueue: Sendable {
    private struct State {
        var isClosed = false
        var waiting: [PendingTransaction] = []
    }

    private let limit: Int
    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)

    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { state.withLock { $0.waiting.count } }

    func add(_ transaction: PendingTransaction) {
        let refusal: DatabaseError? = state.withLock { state in
            guard !state.isClosed else { return .unavailable("The database is closed.") }
            guard state.waiting.count < limit else {
                return .unavailable("Too many transactions wait for PostgreSQL.")
            }
            state.waiting.append(transaction)
            return nil
        }
        if let refusal { return transaction.refuse(refusal) }
        signal.signal()
    }

    /// Waits for the next transaction; nil once the queue is closed.
    func next() -> PendingTransaction? {
        while true {
            signal.wait()
            let (next, isClosed) = state.withLock { state in
                (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.isClosed)
            }
            guard !isClosed else { return nil }
            guard let next else { continue }
            if next.deadline > .now { return next }
            next.refuse(.unavailable("PostgreSQL was busy for too long."))
        }
    }

    /// Refuses what waits and everything that comes, and ends the threads.
    func close(threads: Int) {
        let refused = state.withLock { state in
            defer { state.waiting = [] }
            state.isClosed = true
            return state.waiting
        }
        for transaction in refused { transaction.refuse(.unavailable("The database is closed.")) }
        for _ in 0..<threads { signal.signal() }
    }
}
