package import GatehouseSQL

/// What an attempt is counted under: a code of the limit and of what it is about.
///
/// Only the installation can make it, so the counters tell a reader of the database neither names
/// nor addresses.
package struct AttemptKey: Hashable, Sendable, SQLConvertible {
    let bytes: [UInt8]

    package var sqlValue: SQLValue { .bytes(bytes) }
}

/// Makes the keys of one tenant's counters.
struct AttemptKeys: Sendable {
    let instanceKey: InstanceKey
    let tenant: Tenant.ID

    /// The counter of a limit for these subjects, in this order.
    func counter(_ name: Limit.Name, _ subjects: String...) -> Attempt.Counter {
        // Each part says how long it is, so that no two lists of parts make one text.
        let parts = ([tenant.text, name.rawValue] + subjects).map { "\($0.utf8.count):\($0)" }
        return Attempt.Counter(
            name: name, key: AttemptKey(bytes: instanceKey.attemptCode(for: parts.joined())))
    }
}
