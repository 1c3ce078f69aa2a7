import GatehouseSQL

/// Looks for events of a tenant, newest first.
package struct SearchEvents: Sendable {
    let database: any Database

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
            if let since = period.since.map(Event.ID.first(at:)) {
                condition = "\(condition) AND id >= \(since)"
            }
            if let until = period.until.map(Event.ID.first(at:)) {
                condition = "\(condition) AND id < \(until)"
            }
            if let before { condition = "\(condition) AND id < \(before)" }
            return condition
        }
    }

    /// An event, and its number once it is sealed.
    package struct Found: Sendable {
        package let event: RecordedEvent
        package let sequence: Int64?
    }

    package func find(
        _ filter: Filter, in tenant: Tenant.ID, limit: Int
    ) async throws -> [Found] {
        try await database.read { transaction in
            let records = transaction.records(of: tenant).events
            guard filter.subject != nil else {
                return try records.found(filter.condition, limit: limit)
            }
            // The index of subjects has the events that are sealed; the others are few.
            let parts: [SQL] = ["AND sequence IS NOT NULL", "AND sequence IS NULL"]
            let found = try parts.flatMap {
                try records.found("\(filter.condition) \($0)", limit: limit)
            }
            return Array(found.sorted { $0.event.id.text > $1.event.id.text }.prefix(limit))
        }
    }
}

extension EventRecords {
    fileprivate func found(_ condition: SQL, limit: Int) throws -> [SearchEvents.Found] {
        try transaction.rows(
            """
            SELECT sequence, \(RecordedEvent.columns) FROM event
            WHERE tenant_id = \(tenantID) \(condition) ORDER BY id DESC LIMIT \(limit)
            """
        ).map {
            SearchEvents.Found(
                event: try RecordedEvent($0), sequence: try $0.optionalInteger("sequence"))
        }
    }
}
