private import GatehouseEncoding
import GatehouseSQL

/// The events of one tenant.
///
/// They are appended and read, never changed: what is added to a row later is its place in the chain
/// (``EventChainRecords``).
package struct EventRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package func append(_ event: Event, on occasion: Occasion) throws {
        let recorded = RecordedEvent(event, on: occasion)
        try transaction.send(
            """
            INSERT INTO event (tenant_id, id, kind, actor, subject, occurred_at, request_id,
                address, detail)
            VALUES (\(tenantID), \(recorded.id), \(recorded.kind), \(recorded.actor),
                \(recorded.subject), \(recorded.occurredAt), \(recorded.requestID),
                \(recorded.address), \(recorded.detail))
            """)
        try transaction.records(of: tenantID).noteChange(by: event, at: occasion.now)
    }

    /// The latest events, newest first.
    package func latest(_ limit: Int) throws -> [RecordedEvent] {
        try transaction.rows(
            """
            SELECT \(RecordedEvent.columns) FROM event
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
    /// Where the request came from; nil for the command line, and for what nobody asked for.
    package let address: String?
    package let detail: String

    /// What is read of it, in one order.
    static let columns: SQL = """
        id, kind, actor, subject, occurred_at, request_id, address, detail
        """

    init(_ row: Row) throws {
        id = Event.ID(stored: try row.text("id"))
        kind = try row.text("kind")
        actor = try row.text("actor")
        subject = try row.optionalText("subject")
        occurredAt = Timestamp(milliseconds: try row.integer("occurred_at"))
        requestID = try row.text("request_id")
        address = try row.optionalText("address")
        detail = try row.text("detail")
    }

    /// An event as it is about to be recorded.
    init(_ event: Event, on occasion: Occasion) {
        let detail = JSONWriter.object { json in
            for (name, value) in event.detail { json.add(name.description, value) }
        }
        self.init(
            id: Event.ID(at: occasion.now), kind: event.kind.rawValue, actor: event.actor.text,
            subject: event.subject, occurredAt: occasion.now, requestID: occasion.requestID,
            address: occasion.address, detail: String(decoding: detail, as: UTF8.self))
    }

    init(
        id: Event.ID, kind: String, actor: String, subject: String?, occurredAt: Timestamp,
        requestID: String, address: String?, detail: String
    ) {
        self.id = id
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.occurredAt = occurredAt
        self.requestID = requestID
        self.address = address
        self.detail = detail
    }
}
