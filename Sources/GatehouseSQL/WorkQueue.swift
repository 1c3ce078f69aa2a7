private import Dispatch
private import Synchronization

/// What the threads of a driver take their work from: first in, first out, and bounded.
package final class WorkQueue<Work: Sendable>: Sendable {
    private struct State {
        var isClosed = false
        /// What waits, and before it what was taken already.
        var works: [Work?] = []
        var taken = 0
    }

    private let limit: Int
    private let state = Mutex(State())
    /// Counts at least as many as wait.
    ///
    /// Waking nobody costs no call of the system.
    private let signal = DispatchSemaphore(value: 0)

    /// Makes a queue in which so many may wait; one more is refused.
    package init(limit: Int) {
        self.limit = limit
    }

    /// How many wait.
    package var count: Int { state.withLock { $0.works.count - $0.taken } }

    /// Lets some work wait for its turn.
    ///
    /// - Throws: ``DatabaseError/unavailable(_:)`` if the queue is closed or full.
    package func add(_ work: Work) throws(DatabaseError) {
        let refusal: DatabaseError? = state.withLock { state in
            guard !state.isClosed else { return .unavailable("The database is closed.") }
            guard state.works.count - state.taken < limit else {
                return .unavailable("Too many requests wait for the database.")
            }
            state.works.append(work)
            return nil
        }
        if let refusal { throw refusal }
        signal.signal()
    }

    /// Waits for work and takes all that waits, as much as is asked for; nil once the queue is
    /// closed and empty.
    package func next(upTo most: Int) -> [Work]? {
        while true {
            signal.wait()
            let (works, isClosed) = state.withLock { (Self.take(most, from: &$0), $0.isClosed) }
            if !works.isEmpty { return works }
            // Work that was taken together with other work leaves its signal behind.
            if isClosed {
                // The other threads have to hear of it too.
                signal.signal()
                return nil
            }
        }
    }

    private static func take(_ most: Int, from state: inout State) -> [Work] {
        let count = min(most, state.works.count - state.taken)
        let range = state.taken..<state.taken + count
        let works = state.works[range].compactMap { $0 }
        for index in range { state.works[index] = nil }
        state.taken += count
        if state.taken == state.works.count {
            state.works.removeAll(keepingCapacity: state.works.count < 1024)
            state.taken = 0
        } else if state.taken > 1024 {
            state.works.removeFirst(state.taken)
            state.taken = 0
        }
        return works
    }

    /// Refuses everything that comes from now on, and ends the threads once nothing waits.
    package func close() {
        state.withLock { $0.isClosed = true }
        signal.signal()
    }

    /// Takes away everything that waits.
    package func removeAll() -> [Work] {
        state.withLock { Self.take(.max, from: &$0) }
    }
}
