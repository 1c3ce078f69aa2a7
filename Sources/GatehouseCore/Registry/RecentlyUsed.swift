/// A table of bounded size that keeps what was used lately.
///
/// It has two halves. What is used moves to the newer one; once that is full it becomes the older
/// one, and what was in the older one and not used meanwhile is dropped.
struct RecentlyUsed<Key: Hashable, Value> {
    private let half: Int
    private var newer: [Key: Value] = [:]
    private var older: [Key: Value] = [:]

    /// Makes a table for so many values at most.
    init(limit: Int) {
        half = max(1, limit / 2)
    }

    /// How many values there are.
    var count: Int { newer.count + older.count }

    /// The value of a key; reading it counts as using it.
    subscript(key: Key) -> Value? {
        mutating get {
            if let value = newer[key] { return value }
            guard let value = older.removeValue(forKey: key) else { return nil }
            insert(value, for: key)
            return value
        }
        set {
            older[key] = nil
            guard let newValue else { return newer[key] = nil }
            insert(newValue, for: key)
        }
    }

    mutating func removeAll() {
        newer = [:]
        older = [:]
    }

    private mutating func insert(_ value: Value, for key: Key) {
        newer[key] = value
        guard newer.count >= half else { return }
        older = newer
        newer = [:]
    }
}
