public import GatehouseClient
private import Synchronization

/// A clock that stands still until a test moves it, and on which waiting takes no time.
public final class TestClock: Sendable {
    private let seconds: Mutex<Int64>

    /// Makes a clock that shows a time in seconds since 1970.
    public init(_ seconds: Int64 = 1_800_000_000) {
        self.seconds = Mutex(seconds)
    }

    /// The time that it shows.
    public var time: Int64 { seconds.withLock { $0 } }

    /// Moves it on.
    public func advance(by more: Int64) {
        seconds.withLock { $0 += more }
    }

    /// What an app takes for a clock: whoever waits moves it on.
    public var clock: ClientClock {
        ClientClock(read: { self.time }, wait: { self.advance(by: $0) })
    }
}
