import GatehouseEncoding
import GatehouseSQL

/// An event with its place in the chain of its tenant.
///
/// Its hash is over everything that was recorded of it, its number, and the hash of the event before:
/// so no event is changed, taken out or put in without all that follow telling of it.
package struct SealedEvent: Sendable {
    let tenantID: Tenant.ID
    /// 1, 2, 3, … within the tenant.
    package let sequence: Int64
    /// The hash of the event before.
    let previous: ChainHash
    package let event: RecordedEvent
    /// What is said to be its hash.
    let hash: ChainHash

    /// Seals an event: it comes after the one of that number and hash.
    init(_ event: RecordedEvent, of tenant: Tenant.ID, after number: Int64, _ previous: ChainHash) {
        self.init(event, of: tenant, number: number + 1, after: previous, hash: nil)
    }

    /// An event as it is found, with the hash that it is found with.
    init(
        _ event: RecordedEvent, of tenant: Tenant.ID, number: Int64, after previous: ChainHash,
        hash: ChainHash?
    ) {
        self.tenantID = tenant
        self.sequence = number
        self.previous = previous
        self.event = event
        self.hash =
            hash
            ?? ChainHash(
                of: Self.content(event, tenant, number, previous), as: .event)
    }

    // MARK: Its line

    /// The line of an export: what is hashed, and then the hash.
    var line: [UInt8] {
        content.dropLast() + Array(#","hash":"\#(hash.text)"}"#.utf8)
    }

    /// What its hash has to be.
    var trueHash: ChainHash { ChainHash(of: content, as: .event) }

    private var content: [UInt8] { Self.content(event, tenantID, sequence, previous) }

    private static func content(
        _ event: RecordedEvent, _ tenant: Tenant.ID, _ number: Int64, _ previous: ChainHash
    ) -> [UInt8] {
        JSONWriter.object { json in
            json.add("type", AuditLine.Kind.event.rawValue)
            json.add("tenant", tenant.text)
            json.add("sequence", number)
            json.add("previous", previous.text)
            json.add("id", event.id.text)
            json.add("kind", event.kind)
            json.add("actor", event.actor)
            json.add("subject", event.subject.map { .string($0) } ?? .null)
            json.add("occurred_at", event.occurredAt.json)
            json.add("request_id", event.requestID)
            json.add("address", event.address.map { .string($0) } ?? .null)
            json.add("detail", shown(detail: event.detail))
        }
    }

    /// The details as an object, where that says exactly what was recorded, and else as the text.
    private static func shown(detail text: String) -> JSONValue {
        // What is wrong with a text that is no object does not matter: it is shown as it is.
        guard let object = try? JSONObject(parsing: Array(text.utf8)),
            object.serialized().elementsEqual(text.utf8)
        else { return .string(text) }
        return .object(object)
    }

    /// Reads what a line says; nil if it is no event.
    ///
    /// Whether the line is written as it should be shows when it is compared with ``line``.
    init?(_ object: JSONObject) {
        guard let tenant = object["tenant"]?.string, let number = object["sequence"]?.integer,
            AuditLine.numbers.contains(number),
            let previous = object["previous"]?.string.flatMap(ChainHash.init(parsing:)),
            let event = RecordedEvent(object),
            let hash = object["hash"]?.string.flatMap(ChainHash.init(parsing:))
        else { return nil }
        self.init(
            event, of: Tenant.ID(stored: tenant), number: number, after: previous, hash: hash)
    }
}

extension RecordedEvent {
    fileprivate init?(_ object: JSONObject) {
        guard let id = object["id"]?.string, let kind = object["kind"]?.string,
            let actor = object["actor"]?.string, let request = object["request_id"]?.string,
            let moment = object["occurred_at"].flatMap(Timestamp.init(_:))
        else { return nil }
        let detail: String
        switch object["detail"] {
        case .string(let text): detail = text
        case .object(let object): detail = String(decoding: object.serialized(), as: UTF8.self)
        default: return nil
        }
        self.init(
            id: Event.ID(stored: id), kind: kind, actor: actor,
            subject: object["subject"]?.string, occurredAt: moment, requestID: request,
            address: object["address"]?.string, detail: detail)
    }
}

extension Timestamp {
    /// As text, or in milliseconds where there is no text for it.
    var json: JSONValue { text.map { .string($0) } ?? .integer(milliseconds) }

    init?(_ value: JSONValue) {
        switch value {
        case .integer(let milliseconds): self.init(milliseconds: milliseconds)
        case .string(let text): self.init(parsing: text)
        default: return nil
        }
    }
}
