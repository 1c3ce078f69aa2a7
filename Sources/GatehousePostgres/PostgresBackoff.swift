import GatehouseSQL
import Synchronization

/// Keeps the threads from asking a server that is away again and again.
///
/// After a failure one thread at a time may try to connect, and only when a growing pause is
/// over. All others are refused at once, so that no request waits for a server that is not there.
final class PostgresBackoff: Sendable {
    private static let longestPause = Duration.seconds(5)

    private struct State {
        var failures = 0
        var nextTry: ContinuousClock.Instant?
        var reason = ""
        var isTrying = false
    }

    private let state = Mutex(State())

    /// Makes a connection, if it is the time to try.
    func connect(_ open: () throws(DatabaseError) -> PostgresConnection)
        throws(DatabaseError) -> PostgresConnection
    {
        try admit()
        do {
            let connection = try open()
            state.withLock { $0 = State() }
            return connection
        } catch {
            state.withLock { Self.note(error, in: &$0) }
            throw error
        }
    }

    private func admit() throws(DatabaseError) {
        let refusal: DatabaseError? = state.withLock { state in
            guard state.failures > 0 else { return nil }
            if state.isTrying { return .unavailable(state.reason) }
            if let nextTry = state.nextTry, nextTry > .now { return .unavailable(state.reason) }
            state.isTrying = true
            return nil
        }
        if let refusal { throw refusal }
    }

    private static func note(_ error: DatabaseError, in state: inout State) {
        // Doubles from 100 ms on. The random part keeps many nodes from returning as one.
        let pause = min(Duration.milliseconds(100 << min(state.failures, 8)), longestPause)
        state.failures += 1
        state.nextTry = .now + pause * Double.random(in: 0.5...1)
        state.isTrying = false
        state.reason =
            switch error {
            case .unavailable(let reason), .unusable(let reason): reason
            default: "PostgreSQL cannot be used."
            }
    }
}
