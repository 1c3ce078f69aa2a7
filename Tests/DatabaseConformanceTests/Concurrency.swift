import Dispatch
import GatehouseSQL
import Synchronization

/// Holds a body back until the test lets it go on, and tells the test that the body has come.
final class Gate: Sendable {
    private let arrivals = Mutex(0)
    private let semaphore = DispatchSemaphore(value: 0)

    /// Called in a body: waits until the gate is open.
    func pass() {
        arrivals.withLock { $0 += 1 }
        semaphore.wait()
        semaphore.signal()
    }

    /// Opens the gate for good.
    func open() {
        semaphore.signal()
    }

    /// Waits until a body stands at the gate.
    func arrival() async {
        await until { arrivals.withLock { $0 > 0 } }
    }
}

/// Waits until something holds, letting others run.
func until(_ condition: () -> Bool) async {
    while !condition() { await Task.yield() }
}

/// Runs the operation a number of times at once, and returns the outcomes in the order of numbers.
func concurrently<Value: Sendable>(
    _ count: Int, _ operation: @escaping @Sendable (Int) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        for number in 0..<count {
            group.addTask { (number, await Result { try await operation(number) }) }
        }
        return await group.reduce(into: [(Int, Result<Value, any Error>)]()) { $0.append($1) }
            .sorted { $0.0 < $1.0 }
            .map(\.1)
    }
}

/// An error of a body's own.
struct BodyFailure: Error, Equatable {
    let number: Int
}
