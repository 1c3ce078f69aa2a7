package import GatehouseSQL

/// A named right that one node at a time holds, for work that only one should do.
package struct Lease: Sendable {
    let name: String
    /// Who this node is; any text that no other node has.
    let holder: String

    package init(_ name: String, holder: String) {
        self.name = name
        self.holder = holder
    }

    /// Until when somebody has it, or had it last; nil if nobody ever did.
    func expiry(in transaction: Transaction) throws -> Timestamp? {
        try transaction.row("SELECT expires_at FROM lease WHERE name = \(name)")
            .map { Timestamp(milliseconds: try $0.integer("expires_at")) }
    }

    /// Takes the lease, or keeps it.
    ///
    /// A lease that lasts longer than anyone can have taken it for was taken by a clock that was
    /// wrong, and holds nobody up. False if another node holds it.
    package func take(
        in transaction: Transaction, for duration: Lifetime, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO lease (name, holder, expires_at)
            VALUES (\(name), \(holder), \(now + duration))
            ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,
                expires_at = excluded.expires_at
            WHERE lease.holder = excluded.holder OR lease.expires_at <= \(now)
                OR lease.expires_at > \(now + duration)
            """) == 1
    }
}
