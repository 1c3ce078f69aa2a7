package import GatehouseEncoding
import GatehouseJOSE

/// The lines of an export besides events: each is one JSON object, written in one way only.
package enum AuditLine {
    /// What a line is: its member `type`.
    enum Kind: String {
        case header = "gatehouse-audit"
        case event
        case checkpoint
        case end
    }

    /// A line that holds a signed token.
    static func line(_ kind: Kind, _ token: String) -> [UInt8] {
        JSONWriter.object { json in
            json.add("type", kind.rawValue)
            json.add("token", token)
        }
    }

    /// The longest line that is read: what Gatehouse writes is far shorter.
    static let longest = 4 << 20

    /// The numbers that events can have: JSON has no larger ones that every reader understands.
    static let numbers: ClosedRange<Int64> = 1...(1 << 53)
}

/// The first line of an export: what it is of, and where it begins and ends.
package struct ExportHeader: Sendable {
    package let tenantID: Tenant.ID
    /// The tenant's issuer, for people; nil if the tenant was deleted.
    package let issuer: String?
    /// The numbers of the first event and of the last one; the last is one less than the first if
    /// there is none.
    package let from: Int64
    package let to: Int64
    /// The hash of the event before the first.
    package let previous: ChainHash
    package let exportedAt: Timestamp
    /// The key that signed the rest, for whoever has no better word about it.
    package let key: JSONObject

    private static let version: Int64 = 1

    package init(
        tenantID: Tenant.ID, issuer: String?, from: Int64, to: Int64, previous: ChainHash,
        exportedAt: Timestamp, key: JSONObject
    ) {
        self.tenantID = tenantID
        self.issuer = issuer
        self.from = from
        self.to = to
        self.previous = previous
        self.exportedAt = exportedAt
        self.key = key
    }

    init?(_ object: JSONObject) {
        guard object["version"] == .integer(Self.version),
            let tenant = object["tenant"]?.string, let from = object["from"]?.integer,
            let to = object["to"]?.integer, AuditLine.numbers.contains(from),
            (from - 1...AuditLine.numbers.upperBound).contains(to),
            let previous = object["previous"]?.string.flatMap(ChainHash.init(parsing:)),
            let moment = object["exported_at"].flatMap(Timestamp.init(_:)),
            let key = object["key"]?.object
        else { return nil }
        self.init(
            tenantID: Tenant.ID(stored: tenant), issuer: object["issuer"]?.string, from: from,
            to: to, previous: previous, exportedAt: moment, key: key)
    }

    /// The line: what is hashed, and then the hash.
    package var line: [UInt8] {
        content.dropLast() + Array(#","hash":"\#(hash.text)"}"#.utf8)
    }

    package var hash: ChainHash { ChainHash(of: content, as: .header) }

    private var content: [UInt8] {
        JSONWriter.object { json in
            json.add("type", AuditLine.Kind.header.rawValue)
            json.add("version", Self.version)
            json.add("tenant", tenantID.text)
            json.add("issuer", issuer.map { .string($0) } ?? .null)
            json.add("from", from)
            json.add("to", to)
            json.add("previous", previous.text)
            json.add("exported_at", exportedAt.json)
            json.add("key", .object(key))
        }
    }
}

/// The last line of an export: what it contains, signed.
///
/// A checkpoint would not do: whoever cuts an export off behind one would have an end.
package struct ExportEnd: Sendable {
    let tenantID: Tenant.ID
    /// The hash of the header.
    let header: ChainHash
    /// The numbers of the first and the last event, and the hash of the last.
    let from: Int64
    let to: Int64
    let hash: ChainHash
    /// How many lines there are, with this one.
    let lines: Int64
    let signedAt: Timestamp

    var payload: [UInt8] {
        JSONWriter.object { json in
            json.add("tenant", tenantID.text)
            json.add("header", header.text)
            json.add("from", from)
            json.add("to", to)
            json.add("hash", hash.text)
            json.add("lines", lines)
            json.add("iat", signedAt.seconds)
        }
    }

    /// Reads an end that the key signed.
    init(_ token: String, signedBy key: JSONWebKey) throws(JOSEError) {
        guard let end = Self(try key.payload(of: token, as: .auditExport)) else {
            throw .malformed
        }
        self = end
    }

    private init?(_ object: JSONObject) {
        guard let tenant = object["tenant"]?.string,
            let header = object["header"]?.string.flatMap(ChainHash.init(parsing:)),
            let from = object["from"]?.integer, let to = object["to"]?.integer,
            let hash = object["hash"]?.string.flatMap(ChainHash.init(parsing:)),
            let lines = object["lines"]?.integer, let seconds = object["iat"]?.integer
        else { return nil }
        self.init(
            tenantID: Tenant.ID(stored: tenant), header: header, from: from, to: to, hash: hash,
            lines: lines, signedAt: Timestamp(seconds: seconds))
    }

    init(
        tenantID: Tenant.ID, header: ChainHash, from: Int64, to: Int64, hash: ChainHash,
        lines: Int64, signedAt: Timestamp
    ) {
        self.tenantID = tenantID
        self.header = header
        self.from = from
        self.to = to
        self.hash = hash
        self.lines = lines
        self.signedAt = signedAt
    }
}
