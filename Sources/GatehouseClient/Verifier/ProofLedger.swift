private import GatehouseEncoding

/// The DPoP proofs that were used lately, so that none is used twice (RFC 9449 §11.1).
///
/// It is the memory of one process. With several, a proof works once in each.
actor ProofLedger {
    /// What comes of noting a proof.
    enum Claim: Sendable {
        case noted
        case usedBefore
        /// There is no room for it.
        case noRoom
    }

    private var used: [ExactText: [ExactText: Int64]] = [:]
    private var count = 0
    private var swept: Int64 = 0

    /// How many proofs are remembered; when there is no room for more, no more are taken.
    private static let capacity = 100_000
    /// How many of them are those of one key, so that nobody takes the room of all.
    static let share = 10_000

    /// Notes a proof, once.
    func claim(_ name: String, of key: String, until end: Int64, at now: Int64) -> Claim {
        if swept + 10 <= now {
            used = used.mapValues { $0.filter { now <= $0.value } }.filter { !$0.value.isEmpty }
            count = used.values.reduce(0) { $0 + $1.count }
            swept = now
        }
        let (key, proof) = (ExactText(key), ExactText(name))
        guard used[key]?[proof] == nil else { return .usedBefore }
        guard count < Self.capacity, (used[key]?.count ?? 0) < Self.share else { return .noRoom }
        used[key, default: [:]][proof] = end
        count += 1
        return .noted
    }
}
