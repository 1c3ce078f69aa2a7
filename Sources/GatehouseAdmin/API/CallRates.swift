private import Synchronization
import GatehouseCore
import GatehouseWeb
import HTTPTypes

/// How many requests each administrator key has left, on this node.
///
/// A program that runs wild is told to wait before it is a burden to those who sign in. Nothing of
/// it is written anywhere.
final class CallRates: Sendable {
    /// How many there may be in a window.
    static let allowed = 1_200
    /// How long a window is, in seconds.
    static let span: Int64 = 60
    /// The most keys that are counted; with more of them at once the oldest windows are forgotten.
    private static let mostKeys = 10_000

    private struct Window: Sendable {
        let end: Timestamp
        var used: Int
    }
    private let windows = Mutex<[AdministratorKey.ID: Window]>([:])

    /// What is left after a request.
    struct Rest: Sendable {
        let isWithin: Bool
        let remaining: Int
        let seconds: Int64

        /// Says so (draft-ietf-httpapi-ratelimit-headers).
        func add(to headers: inout HTTPFields) {
            headers[.known("RateLimit-Policy")] = #""key";q=\#(allowed);w=\#(span)"#
            headers[.known("RateLimit")] = #""key";r=\#(remaining);t=\#(seconds)"#
        }
    }

    /// Counts a request.
    func take(_ key: AdministratorKey.ID, at now: Timestamp) -> Rest {
        windows.withLock { windows in
            if windows.count >= Self.mostKeys { windows = windows.filter { now < $0.value.end } }
            var window = windows[key] ?? Window(end: now, used: 0)
            if window.end <= now { window = Window(end: now + .seconds(Self.span), used: 0) }
            window.used += 1
            windows[key] = window
            return Rest(
                isWithin: window.used <= Self.allowed,
                remaining: max(0, Self.allowed - window.used),
                seconds: max(1, window.end.seconds - now.seconds))
        }
    }
}
