package import GatehouseEncoding
import GatehouseProtocol

/// A type of authorization details that a resource understands (RFC 9396 §2.1): what it means in
/// words, and which members it may have.
package struct AuthorizationDetailsType: Sendable, Hashable {
    /// Its name on the wire.
    package let name: String
    /// What a person reads who is asked to allow it.
    package let description: DisplayName
    /// What it may hold; nil for whatever the client sends.
    package let schema: Schema?

    /// What a detail of the type may hold.
    package struct Schema: Sendable, Hashable {
        /// The values that each common member may have; a member that is not here may not be sent.
        package let common: [String: [String]]
        /// The other members, and what they are.
        package let members: [String: Kind]
        /// The members without which a detail is none.
        package let required: [String]
    }

    /// What a further member is.
    package enum Kind: String, Sendable, CaseIterable {
        case string
        case number
        case boolean
        case strings
        case object
    }

    /// Reads a type as an operator writes it, or as it was stored; nil if it is none.
    ///
    /// `type` and `description` are required; `actions`, `locations`, `datatypes` and `privileges` list
    /// what is allowed, `members` says of the others what they are, and `required` which must be there.
    /// Without any of these, everything is allowed.
    package init?(_ json: JSONObject) {
        let known = AuthorizationDetail.common + ["type", "description", "members", "required"]
        guard json.members.allSatisfy({ known.contains($0.name) }),
            let name = json["type"]?.string, AuthorizationDetail.isType(name),
            let description = json["description"]?.string.flatMap(DisplayName.init(parsing:))
        else { return nil }
        self.name = name
        self.description = description
        guard json.members.count > 2 else {
            schema = nil
            return
        }
        guard let schema = Schema(json) else { return nil }
        self.schema = schema
    }

    /// The type as it is stored and shown.
    package var json: JSONObject {
        var json = JSONObject([
            ("type", .string(name)), ("description", .string(description.text)),
        ])
        guard let schema else { return json }
        for name in AuthorizationDetail.common {
            guard let values = schema.common[name] else { continue }
            json.add(name, .array(values.map { .string($0) }))
        }
        let members = schema.members.sorted { $0.key < $1.key }
        json.add(
            "members", .object(JSONObject(members.map { ($0.key, .string($0.value.rawValue)) })))
        json.add("required", .array(schema.required.map { .string($0) }))
        return json
    }

    /// True if a detail holds what one of this type may hold, and nothing else.
    func fits(_ detail: AuthorizationDetail) -> Bool {
        guard name.isExactly(detail.type), let schema else { return name.isExactly(detail.type) }
        return schema.required.allSatisfy { detail[$0] != nil }
            && detail.members.allSatisfy { member in
                if let allowed = schema.common[member.name] {
                    return detail.texts(member.name).allSatisfy { text in
                        allowed.contains { $0.isExactly(text) }
                    }
                }
                return schema.members[member.name]?.fits(member.value) ?? false
            }
    }
}

extension AuthorizationDetailsType.Schema {
    fileprivate init?(_ json: JSONObject) {
        var common: [String: [String]] = [:]
        for name in AuthorizationDetail.common {
            guard let value = json[name] else { continue }
            guard let texts = value.strings, !texts.isEmpty else { return nil }
            common[name] = texts
        }
        var members: [String: AuthorizationDetailsType.Kind] = [:]
        for member in json["members"]?.object?.members ?? [] {
            guard let kind = member.value.string.flatMap(AuthorizationDetailsType.Kind.init),
                !AuthorizationDetail.common.contains(member.name), member.name != "type",
                member.name != "identifier" || kind == .string
            else { return nil }
            members[member.name] = kind
        }
        if let written = json["members"], written.object == nil { return nil }
        let required = json["required"].map { $0.strings } ?? []
        guard let required, required.allSatisfy({ common[$0] != nil || members[$0] != nil })
        else { return nil }
        self.common = common
        self.members = members
        self.required = required
    }
}

extension AuthorizationDetailsType.Kind {
    fileprivate func fits(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.string, .string), (.boolean, .bool), (.number, .integer), (.number, .number),
            (.object, .object):
            true
        case (.strings, .array): value.strings != nil
        default: false
        }
    }
}
