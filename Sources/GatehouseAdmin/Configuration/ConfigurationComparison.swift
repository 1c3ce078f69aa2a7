import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE

/// Says when two values of a member mean the same, and what a thing has in the words of documents.
extension ConfigurationNoun {
    /// What a member is where what is shown leaves it out, if that is not an empty value.
    private static let absent: [String: JSONValue] = [
        "session_length": "none", "organization": "none",
        "backchannel_token_delivery_mode": "poll",
    ]
    /// Members that say a time in words, of which there are several.
    private static let times: Set<String> = ["per", "remove_unused_after", "session_length"]
    /// Members that say a colour, which has several spellings.
    private static let colors: Set<String> = ["accent", "dark_accent"]
    /// Lists whose order says something.
    private static let ordered: Set<String> = ["response_modes"]

    /// What a thing has for a member, in the words of documents.
    func value(
        of member: Member, in shown: JSONObject, _ names: ConfigurationNames
    ) -> JSONValue {
        if member.name == "disabled" { return .bool((shown["disabled_at"] ?? .null) != .null) }
        guard let value = shown[member.name], value != .null else {
            return Self.absent[member.name] ?? member.kind.empty
        }
        return references[member.name].map { names.named(value, $0) } ?? value
    }

    /// The one spelling of all values that mean the same.
    func normal(_ member: Member, _ value: JSONValue) -> JSONValue {
        if member.name == "jwks" { return Self.keys(value) }
        if name == .role || name == .organizationRole, member.name == "scopes" {
            return value.strings.flatMap(MembershipScopes.init(parsing:))
                .map { .array($0.texts.map { .string($0) }).sorted } ?? value.sorted
        }
        return Self.normal(member, value)
    }

    /// The same of what is said of any thing.
    static func normal(_ member: Member, _ value: JSONValue) -> JSONValue {
        switch (member.kind, value) {
        case (.text, .string(let text)) where member.name == "scope":
            .string(text.split(separator: " ").sorted().joined(separator: " "))
        case (.text, .string(let text)) where times.contains(member.name):
            .string(Lifetime(words: text)?.words ?? text)
        case (.text, .string(let text)) where colors.contains(member.name):
            .string(Color(parsing: text)?.text ?? text)
        case (.texts, _) where ordered.contains(member.name): value
        default: value.sorted
        }
    }

    /// Keys as they are kept: what a set says besides is of no account.
    private static func keys(_ value: JSONValue) -> JSONValue {
        // What is no set is refused by the operation, in its words.
        let kept = try? JSONWebKeySet(parsing: value.serialized(), privateKeys: .refused)
        return (kept.map { .object($0.jsonObject) } ?? value).sorted
    }
}

extension Member.Kind {
    /// What stands for nothing.
    var empty: JSONValue {
        switch self {
        case .text, .choice, .file: ""
        case .flag: false
        case .texts, .textsOr, .objects: []
        case .object, .describedNames: [:]
        case .number, .numberOr: .null
        }
    }
}

extension JSONValue {
    /// The same with members of objects and elements of lists in one order.
    fileprivate var sorted: JSONValue {
        switch self {
        case .array(let values):
            .array(
                values.map(\.sorted).sorted {
                    $0.serialized().lexicographicallyPrecedes($1.serialized())
                })
        case .object(let object):
            .object(
                JSONObject(
                    object.members.map { ($0.name, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
        default: self
        }
    }
}

/// By which ids operations know what a document calls by names.
package struct ConfigurationNames: Sendable {
    /// Ids of clients, by what the document calls them.
    var clients: [String: String] = [:]
    /// Ids of organizations, by their slugs.
    var organizations: [String: String] = [:]

    /// The names for ids; an id that has none stays.
    func named(_ value: JSONValue, _ reference: ConfigurationNoun.Reference) -> JSONValue {
        let known = reference == .client ? clients : organizations
        return value.mapTexts { id in known.first { $0.value == id }?.key ?? id }
    }

    /// The ids for names.
    ///
    /// - Throws: ``OperationError`` if something has no id.
    func resolved(
        _ value: JSONValue, _ reference: ConfigurationNoun.Reference
    ) throws(OperationError) -> JSONValue {
        let names = value.strings ?? value.string.map { [$0] } ?? []
        for name in names where id(of: name, reference) == nil {
            let word = reference == .client ? "client" : "organization"
            throw OperationError(.notFound, "There is no \(word) “\(name)”.")
        }
        return value.mapTexts { id(of: $0, reference) ?? $0 }
    }

    func id(of name: String, _ reference: ConfigurationNoun.Reference) -> String? {
        switch reference {
        case .client:
            clients[name] ?? Client.ID(parsing: name)?.text
                ?? (["all", ""].contains(name) ? name : nil)
        case .organization:
            organizations[name] ?? Organization.ID(parsing: name)?.text
                ?? (["none", "all", ""].contains(name) ? name : nil)
        }
    }
}

extension JSONValue {
    /// A text, or the texts of a list, each replaced.
    fileprivate func mapTexts(_ change: (String) -> String) -> JSONValue {
        switch self {
        case .string(let text): .string(change(text))
        case .array(let values): .array(values.map { $0.mapTexts(change) })
        default: self
        }
    }
}
