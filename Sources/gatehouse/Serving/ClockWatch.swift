/// Notices that the machine's clock was set, for work that a wrong clock would make a disaster of:
/// what is removed because its time is over does not come back when the clock is put right.
struct ClockWatch {
    /// How far the clock may be corrected without anybody asking why.
    private static let tolerance: Int64 = 3_600_000
    /// How long a clock has to go on from where it was set before it is believed.
    private static let probation: Int64 = 86_400_000

    /// How long the installation may have been out of use without anybody asking why.
    private static let absence: Int64 = 30 * 86_400_000

    /// What the time was when the machine started, as it was believed last.
    private var believed: Int64?
    /// What it is said to be since the clock was set, and since when it says so.
    private var claimed: (start: Int64, since: Int64)?

    /// Believes the clock, unless it says that the installation was out of use for very long.
    init(now: Int64, uptime: Int64, lastUse: Int64?) {
        let isPlausible = lastUse.map { now - $0 < Self.absence } ?? true
        believed = isPlausible ? now - uptime : nil
    }

    /// True if the clock goes on from where it was, or has gone on for a day from where it was set.
    mutating func trusts(now: Int64, uptime: Int64) -> Bool {
        let start = now - uptime
        if let believed, Self.isNear(start, believed) {
            self.believed = start
            claimed = nil
            return true
        }
        if let claimed, Self.isNear(start, claimed.start) {
            guard uptime - claimed.since >= Self.probation else { return false }
            believed = start
            self.claimed = nil
            return true
        }
        claimed = (start, uptime)
        return false
    }

    private static func isNear(_ one: Int64, _ other: Int64) -> Bool {
        (one - other).magnitude < UInt64(tolerance)
    }
}
