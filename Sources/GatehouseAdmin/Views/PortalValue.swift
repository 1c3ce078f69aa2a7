import GatehouseCore
import GatehouseEncoding
import GatehouseWeb

/// What a member of an answer looks like on a page.
struct PortalValue: Sendable {
    let place: PortalPlace
    /// The page of one of a kind whose members are shown; nil if something else is.
    var screen: PortalScreen?

    /// The value of a member.
    func html(_ value: JSONValue?, _ field: Field) -> HTML {
        if case .array(let items) = value, case .list(let shape) = field.kind {
            return table(items, shape, field.name)
        }
        return html(value, field.kind)
    }

    /// The value, as its kind is shown.
    func html(_ value: JSONValue?, _ kind: Field.Kind) -> HTML {
        guard let value else { return Self.nothing }
        switch (value, kind) {
        case (.null, _): return Self.nothing
        case (.bool(let flag), _): return flag ? "Yes" : "No"
        case (.integer(let number), _): return "\(Int(number))"
        case (.string(let text), .time): return Self.time(text)
        case (.string(let text), _): return self.text(text)
        case (.array(let items), _): return list(items)
        case (.object(let object), .object(let shape)): return facts(object, shape)
        case (.object(let object), .describedNames): return names(object)
        case (.object(let object), .anyObject) where object.members.allSatisfy(\.value.isSimple):
            return names(object)
        case (.object(let object), _): return Self.code(.object(object))
        default: return Self.code(value)
        }
    }

    private static let nothing: HTML = "<span class=\"reading\">–</span>"

    /// Text of whoever; an id leads to what it stands for.
    private func text(_ text: String) -> HTML {
        if text.isEmpty { return Self.nothing }
        if let link = place.link(of: text) {
            return "<a\(href: link)><code>\(text)</code></a>"
        }
        return text.utf8.count <= 18 && !text.contains(" ")
            ? "<bdi class=\"whole\">\(text)</bdi>" : "<bdi>\(text)</bdi>"
    }

    /// A name of a program, such as `authorization_code.redeemed`, which breaks behind its signs.
    static func pieces(_ name: String) -> HTML {
        var pieces: [HTML] = []
        var piece = ""
        for character in name {
            piece.append(character)
            guard [".", "_", "-"].contains(character) else { continue }
            pieces.append("\(piece)<wbr>")
            piece = ""
        }
        return "<span class=\"pieces\">\(pieces)\(piece)</span>"
    }

    /// A moment, to the second.
    static func time(_ text: String) -> HTML {
        """
        <time class="whole"\(attribute: "datetime", text)>\(text.prefix(10)) \
        \(text.dropFirst(11).prefix(8))\(text.hasSuffix("Z") ? " UTC" : "")</time>
        """
    }

    private func list(_ items: [JSONValue]) -> HTML {
        guard !items.isEmpty else { return Self.nothing }
        let lines = items.map { "<li>\($0.string.map(text) ?? Self.code($0))</li>" as HTML }
        return "<ul class=\"plain\">\(lines)</ul>"
    }

    private func names(_ object: JSONObject) -> HTML {
        guard !object.members.isEmpty else { return Self.nothing }
        let lines = object.members.map {
            "<div><dt><code>\($0.name)</code></dt><dd>\($0.value.string.map(text) ?? Self.code($0.value))</dd></div>"
                as HTML
        }
        return "<dl class=\"facts\">\(lines)</dl>"
    }

    /// The members of an object that are there, or some of them.
    func facts(_ object: JSONObject, _ shape: Shape, only fields: [Field]? = nil) -> HTML {
        let lines = (fields ?? shape.fields).compactMap { field -> HTML? in
            guard let value = object[field.name] else { return nil }
            return """
                <div><dt\(attribute: "title", field.words)>\(PortalWords.label(field.name))</dt>\
                <dd>\(html(value, field))</dd></div>

                """
        }
        return "<dl class=\"facts of-portal\">\(lines)</dl>"
    }

    private func table(_ items: [JSONValue], _ shape: Shape, _ name: String) -> HTML {
        guard !items.isEmpty else { return Self.nothing }
        let actions = screen?.actions(onEachOf: name) ?? []
        return DataTable(
            shape.words,
            columns: shape.fields.map { PortalWords.label($0.name) }
                + (actions.isEmpty ? [] : ["To do"]),
            rows: items.map { item in
                shape.fields.map { html(item[$0.name], $0) }
                    + (actions.isEmpty ? [] : [toDo(item["id"]?.string ?? "", actions)])
            }
        ).html
    }

    /// The ways to what can be done to one of many.
    func toDo(_ id: String, called name: String? = nil, _ actions: [PortalScreen]) -> HTML {
        let links = actions.compactMap { action -> HTML? in
            place.naming(action.placeholders.last ?? "", id).link(action).map { link in
                "<a\(href: link)>\(action.action)<span class=\"unseen\"> \(name ?? id)</span></a>"
            }
        }
        return "<span class=\"parts\">\(links)</span>"
    }

    private static func code(_ value: JSONValue) -> HTML {
        "<code>\(String(decoding: value.serialized(), as: UTF8.self))</code>"
    }
}

extension Shape {
    /// The member by which people know one of the kind.
    func headline(of item: JSONValue) -> String {
        for name in [
            "name", "email", "username", "host", "limit", "kid", "kind", "incident", "issuer",
        ] {
            if let text = item[name]?.string, !text.isEmpty { return text }
        }
        return item["id"]?.string ?? item["user"]?.string ?? item["slug"]?.string ?? name
    }

    /// What is looked at most, and the rest.
    var parts: (first: [Field], rest: [Field]) {
        guard let names = Self.first[name] else { return (fields, []) }
        return (
            fields.filter { names.contains($0.name) }, fields.filter { !names.contains($0.name) }
        )
    }

    private static let first: [String: Set<String>] = [
        "Client": [
            "client_id", "name", "type", "redirect_uris", "post_logout_redirect_uris", "scope",
            "grant_types", "created_at", "party", "authentication", "profile", "logos",
            "organization", "longest_tokens", "secrets",
        ]
    ]

    /// What a table of the kind tells, besides the headline.
    var columns: [Field] {
        let names = Self.columns[name] ?? fields.prefix(6).map(\.name)
        return names.compactMap { name in fields.first { $0.name == name } }
    }

    private static let columns: [String: [String]] = [
        "Tenant": ["slug", "issuer", "registration", "created_at", "disabled_at"],
        "User": ["email", "username", "email_verified", "created_at", "disabled_at"],
        "Client": ["type", "party", "created_at", "disabled_at"],
        "Resource": ["identifier", "token_format", "created_at", "disabled_at"],
        "Organization": ["slug", "state", "verified_publisher", "created_at"],
        "Membership": ["user", "title", "roles", "groups", "state", "joined_at"],
        "Event": ["occurred_at", "actor", "subject", "detail", "address", "sequence"],
        "Domain": ["issuer", "state", "primary", "txt_record", "txt_value"],
        "OrganizationDomain": ["state", "join", "require", "txt_record", "txt_value"],
        "Invitation": ["email", "state", "letter", "roles", "expires_at"],
        "Limit": ["allowed", "per", "default", "standard"],
        "Session": ["authenticated_at", "authentication_methods", "last_seen_at", "expires_at"],
        "Consent": ["user", "client", "organization", "updated_at"],
        "SigningKey": ["algorithm", "state", "activates_at", "retires_at", "removed_at"],
        "APIKey": ["begins_with", "user", "organization", "expires_at", "last_used_at"],
        "AdministratorPerson": ["role", "within", "created_at", "created_by"],
        "AdministratorKey": ["begins_with", "role", "created_at", "expires_at", "last_used_at"],
        "Role": ["organization", "scopes", "created_at"],
        "Group": ["roles", "created_at"],
        "RefusedRequest": ["occurred_at", "client", "rule", "error"],
        "TrustedIssuer": ["subject", "scope", "created_at", "disabled_at"],
        "InitialAccessToken": ["uses_left", "scope", "created_at", "expires_at"],
        "ExchangePolicy": ["mode", "resources", "from", "created_at"],
    ]
}

extension JSONValue {
    /// True if it is neither an object nor a list.
    fileprivate var isSimple: Bool { object == nil && array == nil }
}
