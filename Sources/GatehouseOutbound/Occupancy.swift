private import Synchronization

/// How many requests are under way, to each host and in all.
final class Occupancy: Sendable {
    private struct Counts {
        var hosts: [String: Int] = [:]
        var total = 0
    }

    private let counts = Mutex(Counts())
    private let mostPerHost: Int
    private let most: Int

    init(mostPerHost: Int, most: Int) {
        self.mostPerHost = mostPerHost
        self.most = most
    }

    /// Counts one more request to a host; false if there is no room for it.
    func enter(_ host: String) -> Bool {
        counts.withLock { counts in
            let here = counts.hosts[host, default: 0]
            guard here < mostPerHost, counts.total < most else { return false }
            counts.hosts[host] = here + 1
            counts.total += 1
            return true
        }
    }

    func leave(_ host: String) {
        counts.withLock { counts in
            let here = counts.hosts[host, default: 1] - 1
            counts.hosts[host] = here > 0 ? here : nil
            counts.total -= 1
        }
    }
}
