import GatehouseSQL

/// Looks for events of a tenant, newest first.
///
/// No index knows who did what to whom: keeping one would cost more than writing the events does, for
/// a question that is asked once in a while. So a look goes back through all of them, some thousands at
/// a time, until enough was found, and says where it stopped.
package struct SearchEvents: Sendable {
    let database: any Database
    /// How many events one statement looks at, and how many one search.
    var window = 20_000
    var most = 2_000_000

    init(database: any Database) {
        self.database = database
    }

    /// What is looked for: all that is named has to fit.
    package struct Filter: Sendable {
        package var kind: String?
        package var actor: String?
        package var subject: String?
        package var period = ExportAudit.Period()
        /// Only what sorts before this event: where an earlier look ended.
        package var before: Event.ID?

        package init() {}

        fileprivate var condition: SQL {
            var condition: SQL = ""
            if let kind { condition = "\(condition) AND kind = \(kind)" }
            if let actor { condition = "\(condition) AND actor = \(actor)" }
            if let subject { condition = "\(condition) AND subject = \(subject)" }
            return condition
        }

        /// The events before which, and since which, is looked.
        fileprivate var bounds: (end: Event.ID, start: Event.ID) {
            let ends = [
                before, period.until.map(Event.ID.first(at:)),
                Event.ID.first(at: Timestamp(milliseconds: .max)),
            ]
            let end = ends.compactMap(\.self).min { $0.text < $1.text }
            let start = Event.ID.first(at: period.since ?? Timestamp(milliseconds: 0))
            return (end ?? start, start)
        }
    }

    /// An event, and its number once it is sealed.
    package struct Found: Sendable {
        package let event: RecordedEvent
        package let sequence: Int64?

        fileprivate init(_ row: Row) throws {
            event = try RecordedEvent(row)
            sequence = try row.optionalInteger("sequence")
        }
    }

    /// What was found, and where it was stopped to look, if anything may be left that fits.
    package struct Outcome: Sendable {
        package var found: [Found] = []
        package var stoppedAt: Event.ID?
    }

    package func find(
        _ filter: Filter, in tenant: Tenant.ID, limit: Int
    ) async throws -> Outcome {
        var outcome = Outcome()
        var (end, start) = filter.bounds
        for _ in 0..<max(1, most / window) {
            let (wanted, before) = (limit - outcome.found.count, end)
            let (found, next) = try await database.read { [start, window] transaction in
                let records = transaction.records(of: tenant).events
                let next = try records.id(window, before: before, since: start)
                let found = try records.found(
                    filter.condition, before: before, since: next ?? start, limit: wanted)
                return (found, next)
            }
            outcome.found += found
            guard let next, outcome.found.count < limit else { return outcome }
            end = next
        }
        outcome.stoppedAt = end
        return outcome
    }
}

extension EventRecords {
    /// The id of the event that is so many before another; nil if there are not that many.
    fileprivate func id(
        _ count: Int, before end: Event.ID, since start: Event.ID
    ) throws -> Event.ID? {
        try transaction.row(
            """
            SELECT id FROM event
            WHERE tenant_id = \(tenantID) AND id < \(end) AND id >= \(start)
            ORDER BY id DESC LIMIT 1 OFFSET \(count - 1)
            """
        ).map { Event.ID(stored: try $0.text("id")) }
    }

    fileprivate func found(
        _ condition: SQL, before end: Event.ID, since start: Event.ID, limit: Int
    ) throws -> [SearchEvents.Found] {
        try transaction.rows(
            """
            SELECT sequence, \(RecordedEvent.columns) FROM event
            WHERE tenant_id = \(tenantID) AND id < \(end) AND id >= \(start) \(condition)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(SearchEvents.Found.init)
    }
}
