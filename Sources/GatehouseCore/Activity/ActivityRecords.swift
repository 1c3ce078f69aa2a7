import GatehouseSQL

/// How much happened at a tenant: of all of it by the hour, of each client by the day, and when each
/// person was last there.
///
/// Counted when events get their place in the chain, so each counts once, and nobody waits for it.
struct ActivityRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let hour: Int64 = 3_600
    /// How long it is known.
    static let kept = Lifetime.days(90)

    /// One row of counts.
    fileprivate struct Slot: Hashable {
        let client: String
        let begins: Int64
        let measure: Activity.Measure
    }

    /// Counts what happened.
    func count(_ events: [RecordedEvent]) throws {
        let activities = events.compactMap(Activity.init)
        var rows: [Slot: Int64] = [:]
        var people: [String: Int64] = [:]
        for activity in activities {
            let seconds = activity.occurredAt.seconds
            rows[
                Slot(
                    client: "", begins: seconds / Self.hour * Self.hour, measure: activity.measure),
                default: 0] += 1
            if let client = activity.client {
                rows[
                    Slot(
                        client: client, begins: Day(of: activity.occurredAt).start.seconds,
                        measure: activity.measure), default: 0] += 1
            }
            if let user = activity.user { people[user] = max(people[user] ?? 0, seconds) }
        }
        // All who count hold rows in one order.
        for (row, number) in rows.sorted(by: { $0.key.order < $1.key.order }) {
            try add(number, to: row)
        }
        for (user, seconds) in people.sorted(by: { $0.key < $1.key }) {
            try see(user, at: Timestamp(seconds: seconds))
        }
    }

    private func add(_ number: Int64, to row: Slot) throws {
        try transaction.send(
            """
            INSERT INTO activity (tenant_id, client_id, began_at, measure, happened)
            VALUES (\(tenantID), \(row.client), \(Timestamp(seconds: row.begins)),
                \(row.measure.rawValue), \(number))
            ON CONFLICT (tenant_id, client_id, began_at, measure)
            DO UPDATE SET happened = activity.happened + excluded.happened
            """)
    }

    /// Notes that a person was there; once in an hour is enough.
    private func see(_ user: String, at moment: Timestamp) throws {
        try transaction.send(
            """
            INSERT INTO active_user (tenant_id, user_id, last_seen_at)
            SELECT tenant_id, id, \(moment) FROM user_account
            WHERE tenant_id = \(tenantID) AND id = \(user)
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET last_seen_at = excluded.last_seen_at
            WHERE active_user.last_seen_at < \(moment - Lifetime.hours(1))
            """)
    }

    // MARK: Reading

    /// What happened at the tenant from a moment on, by the hour, the oldest first.
    func hours(since start: Timestamp) throws -> [ActivityCount] {
        try transaction.rows(
            """
            SELECT began_at, measure, happened FROM activity
            WHERE tenant_id = \(tenantID) AND client_id = '' AND began_at >= \(start)
            ORDER BY began_at
            """
        ).compactMap(ActivityCount.init)
    }

    /// What happened at each of some clients from a moment on, by the day, the oldest first.
    func days(
        of clients: [Client.ID], since start: Timestamp
    ) throws -> [Client.ID: [ActivityCount]] {
        guard let first = clients.first else { return [:] }
        let list = clients.dropFirst().reduce("\(first)" as SQL) { "\($0), \($1)" }
        let rows = try transaction.rows(
            """
            SELECT client_id, began_at, measure, happened FROM activity
            WHERE tenant_id = \(tenantID) AND client_id IN (\(list)) AND began_at >= \(start)
            ORDER BY client_id, began_at
            """)
        return try Dictionary(grouping: rows) { Client.ID(stored: try $0.text("client_id")) }
            .mapValues { try $0.compactMap(ActivityCount.init) }
    }

    /// How many people were there from a moment on.
    func people(since start: Timestamp) throws -> Int64 {
        try transaction.row(
            """
            SELECT count(*) AS n FROM active_user
            WHERE tenant_id = \(tenantID) AND last_seen_at >= \(start)
            """)?.integer("n") ?? 0
    }
}

extension ActivityRecords.Slot {
    fileprivate var order: String { "\(client) \(begins) \(measure.rawValue)" }
}

extension TenantRecords {
    var activity: ActivityRecords {
        ActivityRecords(tenantID: tenantID, transaction: transaction)
    }
}
