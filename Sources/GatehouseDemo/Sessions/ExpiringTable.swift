/// Values that are found by a key for a while.
///
/// There are only so many: a new one then takes the place of the one that would have gone first.
struct ExpiringTable<Value: Sendable>: Sendable {
    let capacity: Int
    /// How long a value stays, in seconds.
    let lifetime: Int64

    private var entries: [String: (value: Value, expiresAt: Int64)] = [:]

    init(capacity: Int, lifetime: Int64) {
        self.capacity = capacity
        self.lifetime = lifetime
    }

    /// Puts a value under a key, for the whole lifetime.
    mutating func insert(_ value: Value, for key: String, at now: Int64) {
        if entries[key] == nil, entries.count >= capacity { makeRoom(at: now) }
        entries[key] = (value, expiresAt: now + lifetime)
    }

    /// The value under a key, if it did not expire.
    func value(for key: String, at now: Int64) -> Value? {
        entries[key].flatMap { now < $0.expiresAt ? $0.value : nil }
    }

    /// Changes the value under a key, which does not live longer for it.
    mutating func update(_ key: String, at now: Int64, _ change: (inout Value) -> Void) {
        guard var entry = entries[key], now < entry.expiresAt else { return }
        change(&entry.value)
        entries[key] = entry
    }

    /// Removes the value under a key.
    mutating func removeValue(for key: String) { entries[key] = nil }

    private mutating func makeRoom(at now: Int64) {
        entries = entries.filter { now < $0.value.expiresAt }
        guard entries.count >= capacity,
            let next = entries.min(by: { $0.value.expiresAt < $1.value.expiresAt })
        else { return }
        entries[next.key] = nil
    }
}
