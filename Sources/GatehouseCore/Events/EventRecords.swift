private import GatehouseEncoding
import GatehouseSQL

/// The events of one tenant.
///
/// They are appended and read, never changed.
package struct EventRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package func append(_ event: Event, on occasion: Occasion) throws {
        let detail = JSONWriter.object { json in
            for (name, value) in event.detail { json.add(name.description, value) }
        }
        try transaction.send(
            """
            INSERT INTO event (tenant_id, id, kind, actor, subject, occurred_at, request_id,
                address, detail)
            VALUES (\(tenantID), \(Event.ID(at: occasion.now)), \(event.kind.rawValue),
                \(event.actor.text), \(event.subject), \(occasion.now), \(occasion.requestID),
                \(occasion.address), \(String(decoding: detail, as: UTF8.self)))
            """)
        try transaction.records(of: tenantID).noteChange(by: event, at: occasion.now)
    }

    /// The latest events, newest first.
    package func latest(_ limit: Int) throws -> [RecordedEvent] {
        try transaction.rows(
            """
            SELECT id, kind, actor, subject, occurred_at, request_id, detail FROM event
            WHERE tenant_id = \(tenantID) ORDER BY id DESC LIMIT \(limit)
            """
        ).map(RecordedEvent.init)
    }
}

/// An event as it was recorded.
package struct RecordedEvent: Sendable {
    package let id: Event.ID
    package let kind: String
    package let actor: String
    package let subject: String?
    package let occurredAt: Timestamp
    package let requestID: String
    package let detail: String

    init(_ row: Row) throws {
        id = Event.ID(stored: try row.text("id"))
        kind = try row.text("kind")
        actor = try row.text("actor")
        subject = try row.optionalText("subject")
        occurredAt = Timestamp(milliseconds: try row.integer("occurred_at"))
        requestID = try row.text("request_id")
        detail = try row.text("detail")
    }
}
