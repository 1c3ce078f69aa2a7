import GatehouseSQL

/// The chain of events of one tenant: their numbers and hashes, and what was signed of them.
///
/// What has the number 0 says where the chain ends. Checkpoints that are kept have the number of their
/// event.
struct EventChainRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let latest: Int64 = 0

    /// Where a chain ends.
    struct Tip: Sendable {
        /// What says so, signed; nil before the first event.
        let token: String?
        /// The number and the hash of the last event that has them; nil if none has.
        let last: (sequence: Int64, hash: ChainHash)?
        /// The number of the last checkpoint that is kept, and when it was signed.
        let kept: (sequence: Int64, signedAt: Timestamp)?
    }

    func tip() throws -> Tip {
        let kept = try transaction.row(
            """
            SELECT number, signed_at FROM event_checkpoint
            WHERE tenant_id = \(tenantID) AND number > \(Self.latest)
            ORDER BY number DESC LIMIT 1
            """)
        let last = try transaction.row(
            """
            SELECT sequence, hash FROM event
            WHERE tenant_id = \(tenantID) AND sequence IS NOT NULL
                AND sequence < \(AuditLine.numbers.upperBound)
            ORDER BY sequence DESC LIMIT 1
            """)
        return Tip(
            token: try latestToken(),
            last: try last.map { try ($0.integer("sequence"), Self.hash(in: $0)) },
            kept: try kept.map {
                try ($0.integer("number"), Timestamp(milliseconds: $0.integer("signed_at")))
            })
    }

    /// What says where the chain ends.
    func latestToken() throws -> String? {
        try transaction.row(
            """
            SELECT token FROM event_checkpoint
            WHERE tenant_id = \(tenantID) AND number = \(Self.latest)
            """)?.text("token")
    }

    // MARK: Sealing

    /// Moves the end of the chain on.
    ///
    /// False if somebody else did meanwhile: one statement decides, however many seal.
    func move(from old: String?, to new: String, at now: Timestamp) throws -> Bool {
        guard let old else {
            return try transaction.execute(
                """
                INSERT INTO event_checkpoint (tenant_id, number, token, signed_at)
                VALUES (\(tenantID), \(Self.latest), \(new), \(now)) ON CONFLICT DO NOTHING
                """) == 1
        }
        return try transaction.execute(
            """
            UPDATE event_checkpoint SET token = \(new), signed_at = \(now)
            WHERE tenant_id = \(tenantID) AND number = \(Self.latest) AND token = \(old)
            """) == 1
    }

    /// Gives an event its place; the outcome tells whether it had none.
    func seal(_ event: SealedEvent) throws -> Submitted {
        try transaction.submit(
            """
            UPDATE event SET sequence = \(event.sequence), hash = \(event.hash)
            WHERE tenant_id = \(tenantID) AND id = \(event.event.id) AND sequence IS NULL
            """)
    }

    /// Writes an event that has its place from the beginning.
    func insert(_ event: SealedEvent) throws {
        let recorded = event.event
        try transaction.send(
            """
            INSERT INTO event (tenant_id, id, kind, actor, subject, occurred_at, request_id,
                address, detail, sequence, hash)
            VALUES (\(tenantID), \(recorded.id), \(recorded.kind), \(recorded.actor),
                \(recorded.subject), \(recorded.occurredAt), \(recorded.requestID),
                \(recorded.address), \(recorded.detail), \(event.sequence), \(event.hash))
            """)
    }

    /// Keeps a checkpoint for good.
    func keep(_ token: String, at sequence: Int64, signedAt now: Timestamp) throws {
        try transaction.send(
            """
            INSERT INTO event_checkpoint (tenant_id, number, token, signed_at)
            VALUES (\(tenantID), \(sequence), \(token), \(now)) ON CONFLICT DO NOTHING
            """)
    }

    // MARK: Reading

    /// Sealed events after a number, in their order, each with the hash that was found before it.
    func page(after number: Int64, through last: Int64, limit: Int) throws -> [SealedEvent] {
        var previous = try hash(at: number)
        return try transaction.rows(
            """
            SELECT sequence, hash, \(RecordedEvent.columns) FROM event
            WHERE tenant_id = \(tenantID) AND sequence > \(number) AND sequence <= \(last)
            ORDER BY sequence LIMIT \(limit)
            """
        ).map { row in
            let event = SealedEvent(
                try RecordedEvent(row), of: tenantID, number: try row.integer("sequence"),
                after: previous, hash: try Self.hash(in: row))
            // Where somebody took the hash away, what it was ties the next one.
            previous = event.hash.isWhole ? event.hash : event.trueHash
            return event
        }
    }

    /// The hash of the last event until a number; what stands before the first if there is none.
    func hash(at number: Int64) throws -> ChainHash {
        try transaction.row(
            """
            SELECT hash FROM event
            WHERE tenant_id = \(tenantID) AND sequence > 0 AND sequence <= \(number)
            ORDER BY sequence DESC LIMIT 1
            """
        ).map(Self.hash(in:)) ?? .beginning
    }

    /// The checkpoints that are kept of the events after a number.
    func kept(after number: Int64, through last: Int64) throws -> [(sequence: Int64, token: String)]
    {
        try transaction.rows(
            """
            SELECT number, token FROM event_checkpoint
            WHERE tenant_id = \(tenantID) AND number > \(number) AND number <= \(last)
            ORDER BY number
            """
        ).map { (try $0.integer("number"), try $0.text("token")) }
    }

    /// How much later than the first of some events another one may have got a smaller number.
    ///
    /// Events get their numbers a second after they are written, and are written seconds after they
    /// happen.
    private static let disorder = Lifetime.hours(1)

    /// The number of the first event that happened at a time or later; nil if there is none.
    func first(since moment: Timestamp) throws -> Int64? {
        let first = try transaction.row(
            """
            SELECT occurred_at FROM event
            WHERE tenant_id = \(tenantID) AND id >= \(Event.ID.first(at: moment))
                AND sequence IS NOT NULL
            ORDER BY id LIMIT 1
            """)
        guard let first else { return nil }
        let end = Timestamp(milliseconds: try first.integer("occurred_at")) + Self.disorder
        // Added up, so that no index of numbers is searched from its beginning.
        return try transaction.row(
            """
            SELECT MIN(sequence + 0) AS found FROM event
            WHERE tenant_id = \(tenantID) AND id >= \(Event.ID.first(at: moment))
                AND id < \(Event.ID.first(at: end)) AND sequence IS NOT NULL
            """)?.optionalInteger("found")
    }

    /// The number of the last event that happened before a time; nil if there is none.
    func last(before moment: Timestamp) throws -> Int64? {
        let last = try transaction.row(
            """
            SELECT occurred_at FROM event
            WHERE tenant_id = \(tenantID) AND id < \(Event.ID.first(at: moment))
                AND sequence IS NOT NULL
            ORDER BY id DESC LIMIT 1
            """)
        guard let last else { return nil }
        let start = Timestamp(milliseconds: try last.integer("occurred_at")) - Self.disorder
        return try transaction.row(
            """
            SELECT MAX(sequence + 0) AS found FROM event
            WHERE tenant_id = \(tenantID) AND id < \(Event.ID.first(at: moment))
                AND id >= \(Event.ID.first(at: start)) AND sequence IS NOT NULL
            """)?.optionalInteger("found")
    }

    private static func hash(in row: Row) throws -> ChainHash {
        ChainHash(stored: try row.optionalBytes("hash") ?? [])
    }
}

extension TenantRecords {
    var eventChain: EventChainRecords { .init(tenantID: tenantID, transaction: transaction) }
}
