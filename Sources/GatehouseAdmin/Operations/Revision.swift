private import Crypto
import GatehouseCore
import GatehouseEncoding

/// What a thing was like when somebody looked at it, as the text of an entity tag (RFC 9110 §8.8.3).
package struct Revision: Sendable, Hashable {
    let text: String

    /// What a list or a single look may add, and a change does not touch.
    private static let besides = [
        "secrets", "longest_tokens", "client_secret", "links", "contrast",
    ]

    init(text: String) {
        self.text = text
    }

    /// The revision of a thing as it is shown.
    init(of shown: JSONValue) {
        var object = shown.object ?? JSONObject()
        for name in Self.besides { object.remove(name) }
        let digest = SHA256.hash(data: object.serialized())
        text = Base64URL.encode(Array(digest.prefix(16)))
    }
}

/// What differs between two states of a thing, for the event that tells of the change.
enum Difference {
    /// The longest text of one; a longer one tells the names only.
    private static let longest = 4_000

    /// The members that differ, each with what it was and what it is now; null if none does.
    ///
    /// Of what is personal it says only that it differs: events outlive people.
    static func text(
        from old: JSONValue, to new: JSONValue, hiding personal: Set<String>
    ) -> String? {
        let (old, new) = (old.object ?? JSONObject(), new.object ?? JSONObject())
        let names = new.members.map(\.name) + old.members.map(\.name)
        var (told, named) = (JSONObject(), JSONObject())
        for name in names where old[name] != new[name] && name != "updated_at" {
            let values: JSONValue = [old[name] ?? .null, new[name] ?? .null]
            told.add(name, personal.contains(name) ? "changed" : values)
            named.add(name, "changed")
        }
        guard !told.members.isEmpty else { return nil }
        let text = told.serialized()
        return String(
            decoding: text.count <= longest ? text : named.serialized(), as: UTF8.self)
    }
}

extension Change {
    /// What it became, where there is nothing else to say of it.
    func record(or absence: String) throws(OperationError) -> Record {
        switch self {
        case .changed(let record): return record
        case .notFound: throw OperationError(.notFound, absence)
        case .outdated: throw OperationError.outdated
        }
    }
}

extension Operation.Setting {
    /// Makes a change of a record, unless it is not any more what whoever wants it looked at.
    func edit<Record>(
        _ record: inout Record, shown: (Record) -> JSONValue, hiding personal: Set<String> = [],
        _ change: (inout Record) -> Void
    ) -> Edit {
        let before = shown(record)
        if let expected, !expected.contains(Revision(of: before)) { return .outdated }
        change(&record)
        return .made(
            difference: Difference.text(from: before, to: shown(record), hiding: personal))
    }
}
