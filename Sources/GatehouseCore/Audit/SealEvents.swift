import GatehouseSQL
private import Synchronization

/// Gives events their place in the chain of their tenant, a moment after they were written.
///
/// Doing so in the transaction that writes an event would make all who write at a tenant wait for each
/// other. So it is done behind them, in the order in which events are found, and moves the end of the
/// chain by one `UPDATE` that counts: whoever else seals at the same time finds it moved. An event
/// without a number is one that waits, so none is passed over, however late its transaction ends.
package final class SealEvents: Sendable {
    let database: any Database
    let instanceKey: InstanceKey
    /// When the last look at all events that wait found the end of them.
    private let looked = Mutex<Timestamp?>(nil)
    /// Where this node left the chains that it sealed: none is shorter later, unless somebody set it
    /// back.
    private let left = Mutex<[Tenant.ID: Checkpoint]>([:])

    init(database: any Database, instanceKey: InstanceKey) {
        self.database = database
        self.instanceKey = instanceKey
    }

    /// How many events one transaction seals, so that nobody waits long behind it.
    static let batch = 250
    /// After how many events, and how long, a checkpoint is kept.
    static let keptEvents: Int64 = 1_000
    static let keptTime = Lifetime.hours(1)
    /// How long one node does it before another may.
    private static let turn = Lifetime.seconds(10)
    /// How often all of the index is looked at.
    ///
    /// What was sealed leaves dead entries in the index of
    /// PostgreSQL until it is cleaned up, and they lie at its beginning.
    private static let fullLook = Lifetime.minutes(10)
    /// How long before the last look at all an event may have happened that was not there yet.
    private static let lateness = Lifetime.hours(1)

    /// The lease by which one node at a time seals.
    package static func lease(_ holder: String) -> Lease { Lease("seal-events", holder: holder) }

    /// Somebody else sealed meanwhile.
    private struct Overtaken: Error {}

    /// Seals a batch.
    ///
    /// With a lease only if it is this node's turn, without one in any case: it is right whoever does
    /// it.
    ///
    /// - Returns: True if there may be more.
    package func run(by lease: Lease?, at now: Timestamp) async throws -> Bool {
        let start = start(at: now)
        let found = try await database.read { transaction in
            try Self.unsealed(in: transaction, since: start).map { tenant, events in
                let tip = try transaction.records(of: tenant).eventChain.tip()
                return (tenant: tenant, events: events, tip: tip)
            }
        }
        let isFull = found.map(\.events.count).reduce(0, +) == Self.batch
        if !isFull, start == nil { looked.withLock { $0 = now } }
        guard !found.isEmpty else { return false }
        let key = try AuditKey(instanceKey)
        let links = try found.map { tenant, events, tip in
            try ChainLink(
                sealing: events, of: tenant, after: tip, seen: end(of: tenant), with: key, at: now)
        }
        do {
            guard try await write(links, by: lease, at: now) else { return false }
            left.withLock { left in
                for link in links { left[link.tenantID] = link.end }
            }
            return isFull
        } catch is Overtaken {
            return true
        }
    }

    /// Where this node left a chain.
    func end(of tenant: Tenant.ID) -> Checkpoint? { left.withLock { $0[tenant] } }

    /// Where the look for events that wait begins; nil for all of them.
    private func start(at now: Timestamp) -> Timestamp? {
        guard let last = looked.withLock({ $0 }), last <= now, now < last + Self.fullLook else {
            return nil
        }
        return last - Self.lateness
    }

    /// The events that wait, of whatever tenant, by tenant.
    private static func unsealed(
        in transaction: Transaction, since start: Timestamp?
    ) throws -> [(Tenant.ID, [RecordedEvent])] {
        let first = start.map { Event.ID.first(at: $0).text } ?? ""
        // Every tenant: a job that does the same for each.
        let rows = try transaction.rows(
            """
            SELECT tenant_id, \(RecordedEvent.columns) FROM event
            WHERE sequence IS NULL AND id > \(first) ORDER BY id LIMIT \(batch)
            """)
        let byTenant = try Dictionary(grouping: rows) { try $0.text("tenant_id") }
        // All who seal hold the ends of chains in one order.
        return try byTenant.sorted { $0.key < $1.key }.map { tenant, rows in
            (Tenant.ID(stored: tenant), try rows.map(RecordedEvent.init))
        }
    }

    /// True if it was this node's turn.
    private func write(
        _ links: [ChainLink], by lease: Lease?, at now: Timestamp
    ) async throws -> Bool {
        try await database.write { transaction in
            if let lease {
                guard try lease.take(in: transaction, for: Self.turn, at: now) else { return false }
            }
            for link in links {
                let records = transaction.records(of: link.tenantID)
                guard try records.eventChain.move(from: link.oldToken, to: link.token, at: now)
                else { throw Overtaken() }
                if let notice = link.notice { try records.eventChain.insert(notice) }
                let sealed = try link.events.map(records.eventChain.seal)
                // One that is gone was taken out by hand: the next look does not find it any more.
                guard try sealed.allSatisfy({ try $0.changedOne() }) else { throw Overtaken() }
                try records.activity.count(link.events.map(\.event))
                if let kept = link.kept {
                    try records.eventChain.keep(kept, at: link.end.sequence, signedAt: now)
                }
            }
            return true
        }
    }
}
