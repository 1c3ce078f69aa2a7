private import FoundationEssentials

/// What tells an app the time, and lets it wait.
///
/// Nothing of this library reads a clock that it was not given: pass ``system`` in an app, and a
/// clock that stands still in a test.
public struct ClientClock: Sendable {
    private let read: @Sendable () -> Int64
    private let wait: @Sendable (Int64) async throws -> Void

    /// Makes a clock of what reads it and what waits for it.
    ///
    /// - Parameters:
    ///   - read: Tells the time in whole seconds since 1970.
    ///   - wait: Returns when so many seconds went by, or throws when the task is cancelled.
    public init(
        read: @escaping @Sendable () -> Int64,
        wait: @escaping @Sendable (Int64) async throws -> Void
    ) {
        self.read = read
        self.wait = wait
    }

    /// The clock of the machine.
    public static let system = ClientClock(
        read: { Int64(Date().timeIntervalSince1970) },
        wait: { try await Task.sleep(for: .seconds($0)) })

    /// The time in whole seconds since 1970.
    package var time: Int64 { read() }

    /// Waits for so many seconds.
    func sleep(seconds: Int64) async throws { try await wait(seconds) }
}
