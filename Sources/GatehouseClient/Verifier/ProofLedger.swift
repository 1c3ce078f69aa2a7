private import GatehouseEncoding

/// The DPoP proofs that were used lately, so that none is used twice (RFC 9449 §11.1).
///
/// It is the memory of one process. With several, a proof works once in each.
actor ProofLedger {
    private var used: [ExactText: Int64] = [:]
    private var swept: Int64 = 0

    /// How many proofs are remembered; when there is no room for more, no more are taken.
    private static let capacity = 100_000

    /// Notes a proof.
    ///
    /// - Returns: False if it was used before, or if there is no room.
    func claim(_ name: String, of key: String, until end: Int64, at now: Int64) -> Bool {
        if swept + 10 <= now {
            used = used.filter { now <= $0.value }
            swept = now
        }
        let proof = ExactText(key + "." + name)
        guard used[proof] == nil, used.count < Self.capacity else { return false }
        used[proof] = end
        return true
    }
}
