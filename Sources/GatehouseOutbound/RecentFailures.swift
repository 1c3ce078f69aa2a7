import GatehouseCore
private import Synchronization

/// What failed a moment ago and is not tried again at once.
///
/// A host that cannot be reached is remembered as a host; an answer that was no good, with its whole
/// address: nobody must be able to spoil a host that others use as well.
final class RecentFailures: Sendable {
    /// The most that are remembered; with more, the others are simply tried.
    private static let limit = 1_024

    private let ends = Mutex<[String: Timestamp]>([:])
    private let lifetime: Lifetime

    init(for lifetime: Lifetime) {
        self.lifetime = lifetime
    }

    /// True if the address, or its host, failed lately.
    func contains(_ address: OutboundAddress, at now: Timestamp) -> Bool {
        ends.withLock { ends in
            [address.text, address.authority].contains { key in
                // One that lies too far ahead was noted by a clock that was wrong.
                ends[key].map { now < $0 && $0 <= now + lifetime } ?? false
            }
        }
    }

    func note(_ failure: OutboundFailure, at address: OutboundAddress, _ now: Timestamp) {
        let key: String
        switch failure {
        case .busy, .recentlyFailed: return
        case .forbiddenAddress, .unresolved, .unreachable, .insecure: key = address.authority
        case .timedOut, .tooLarge, .redirected, .encoded, .malformed: key = address.text
        }
        ends.withLock { ends in
            if ends.count >= Self.limit { ends = ends.filter { now < $0.value } }
            guard ends.count < Self.limit else { return }
            ends[key] = now + lifetime
        }
    }
}
