package import GatehouseCore
import GatehouseEncoding

/// What a document says about tenants: what they and their things are to be like.
package struct ConfigurationDocument: Sendable {
    /// What the document calls itself in the marks of what it manages.
    package let manager: Slug
    package let tenants: [ConfiguredTenant]
}

/// What a document says about one tenant.
package struct ConfiguredTenant: Sendable {
    package let slug: Slug
    let line: Int
    /// The tenant itself first, and then everything in it.
    var things: [ConfiguredThing] = []

    /// What is said about a kind of thing, in the order of the document.
    func things(_ noun: ConfigurationNoun.Name) -> [ConfiguredThing] {
        things.filter { $0.noun.name == noun }
    }
}

/// What a document says about one thing.
struct ConfiguredThing: Sendable {
    let noun: ConfigurationNoun
    /// What the document calls it; the tenant's slug for a tenant and what it has one of.
    let name: String
    /// The slug of the organization that it belongs to.
    let owner: String?
    let line: Int
    fileprivate(set) var members: [ConfiguredMember] = []
    /// What a client may exchange, all of it; nil if the document says nothing of that.
    fileprivate(set) var exchanges: [JSONObject]?
    /// The id of a client, where no mark names it.
    fileprivate(set) var clientID: String?
    /// The file into which the secret of a new client is written.
    fileprivate(set) var secretFile: String?

    /// What marks call it: roles and groups of an organization have the same name in another one.
    var markName: String { owner.map { "\($0)/\(name)" } ?? name }
}

/// What a document says about one member of a thing.
struct ConfiguredMember: Sendable {
    let member: Member
    let value: JSONValue
}

/// Reads what somebody wrote, strictly: what is not known is refused, with its line.
struct ReadConfiguration {
    private var problems: [ConfigurationProblem] = []

    /// The format that is written here, and the only one that is read.
    static let version: Int64 = 1

    /// Reads a document.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    static func read(_ source: SourceValue) throws(ConfigurationProblems) -> ConfigurationDocument {
        var reading = Self()
        let document = reading.document(source)
        guard let document, reading.problems.isEmpty else {
            throw ConfigurationProblems(reading.problems)
        }
        return document
    }

    private mutating func document(_ source: SourceValue) -> ConfigurationDocument? {
        let parts = parts(source, of: "a configuration", ["gatehouse", "managed_by", "tenants"])
        guard let version = parts["gatehouse"], version.json == .integer(Self.version) else {
            refuse("A configuration begins with “gatehouse: \(Self.version)”.", at: source.line)
            return nil
        }
        guard let manager = parts["managed_by"]?.json.string.flatMap(Slug.init(parsing:)) else {
            refuse(
                "managed_by must say what the configuration calls itself: lower-case letters, digits and hyphens.",
                at: parts["managed_by"]?.line ?? source.line)
            return nil
        }
        guard let tenants = parts["tenants"] else {
            refuse("tenants is missing.", at: source.line)
            return nil
        }
        return ConfigurationDocument(
            manager: manager, tenants: entries(tenants, of: "tenants").compactMap { tenant($0) })
    }

    private mutating func tenant(_ entry: SourceValue.Entry) -> ConfiguredTenant? {
        guard let slug = Slug(parsing: entry.name) else {
            refuse("“\(entry.name)” cannot be the slug of a tenant.", at: entry.line)
            return nil
        }
        var tenant = ConfiguredTenant(slug: slug, line: entry.line)
        let (own, sections) = thing(.tenant, entry, sections: ConfigurationNoun.ofTenant)
        tenant.things.append(own)
        for (noun, source) in sections {
            tenant.things += section(noun, source, of: entry)
        }
        return tenant
    }

    private mutating func section(
        _ noun: ConfigurationNoun, _ source: SourceValue, of tenant: SourceValue.Entry
    ) -> [ConfiguredThing] {
        guard !noun.isAlone else {
            let alone = thing(noun, SourceValue.Entry(tenant.name, at: source.line, source)).thing
            if noun.name == .branding { checkColors(of: alone) }
            return [alone]
        }
        var things: [ConfiguredThing] = []
        for entry in entries(source, of: noun.section) {
            guard isName(entry, of: noun) else { continue }
            let inner = noun.name == .organization ? ConfigurationNoun.ofOrganization : []
            let (own, sections) = thing(noun, entry, sections: inner)
            things.append(own)
            for (noun, source) in sections {
                for part in entries(source, of: noun.section) where isName(part, of: noun) {
                    things.append(thing(noun, part, owner: entry.name).thing)
                }
            }
        }
        return things
    }

    /// Refuses what cannot be read before anything is done.
    private mutating func checkColors(of thing: ConfiguredThing) {
        do throws(OperationError) {
            _ = try BrandingChange(
                Operation(.updateBranding, thing.members.map { ($0.member.argument, $0.value) }))
        } catch {
            refuse(error.description, at: thing.line)
        }
    }

    private mutating func isName(
        _ entry: SourceValue.Entry, of noun: ConfigurationNoun
    ) -> Bool {
        let isGood =
            switch noun.name {
            case .client, .organization:
                Slug(parsing: entry.name) != nil && !["all", "none"].contains(entry.name)
            default: ConfigurationMark.Name(parsing: entry.name) != nil
            }
        if !isGood {
            refuse("“\(entry.name)” cannot be the name of a \(noun.word).", at: entry.line)
        }
        return isGood
    }

    // MARK: One thing

    private typealias Sections = [(noun: ConfigurationNoun, source: SourceValue)]

    private mutating func thing(
        _ noun: ConfigurationNoun, _ entry: SourceValue.Entry, owner: String? = nil,
        sections nouns: [ConfigurationNoun] = []
    ) -> (thing: ConfiguredThing, sections: Sections) {
        var thing = ConfiguredThing(noun: noun, name: entry.name, owner: owner, line: entry.line)
        var sections: Sections = []
        let members = noun.members
        for part in entries(entry.value, of: "\(noun.word) “\(entry.name)”") {
            if let member = members.first(where: { $0.name.isExactly(part.name) }) {
                if let value = value(part, member) {
                    thing.members.append(ConfiguredMember(member: member, value: value))
                }
            } else if let inner = nouns.first(where: { $0.section.isExactly(part.name) }) {
                sections.append((inner, part.value))
            } else if noun.name != .client || !readOfClient(part, &thing) {
                refuseUnknown(part, of: noun, beside: nouns)
            }
        }
        return (thing, sections)
    }

    /// What only clients have; false if it is something else.
    private mutating func readOfClient(
        _ part: SourceValue.Entry, _ thing: inout ConfiguredThing
    ) -> Bool {
        switch part.name {
        case "client_id":
            thing.clientID = part.value.json.string.flatMap(Client.ID.init(parsing:))?.text
            if thing.clientID == nil {
                refuse("client_id must be the id of a client.", at: part.line)
            }
        case "secret":
            let said = part.value.json.object
            thing.secretFile = said?["write_to_file"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            if thing.secretFile == nil || said?.members.count != 1 {
                refuse(
                    "A secret never stands here: write_to_file says into which new file it is written.",
                    at: part.line)
            }
        case "exchanges": thing.exchanges = exchanges(part.value)
        default: return false
        }
        return true
    }

    private mutating func exchanges(_ source: SourceValue) -> [JSONObject] {
        guard case .list(let policies) = source.content else {
            refuse("exchanges must be a list.", at: source.line)
            return []
        }
        return policies.map { policy in
            var object = JSONObject()
            for part in entries(policy, of: "an exchange") {
                let found = ConfigurationNoun.exchangeMembers.first {
                    $0.name.isExactly(part.name)
                }
                guard let member = found else {
                    refuse("“\(part.name)” is not a member of an exchange.", at: part.line)
                    continue
                }
                if let value = value(part, member) { object.add(member.name, value) }
            }
            for member in ConfigurationNoun.exchangeMembers
            where member.isRequired && object[member.name] == nil {
                refuse("\(member.name) of an exchange is missing.", at: policy.line)
            }
            return object
        }
    }

    private mutating func value(_ part: SourceValue.Entry, _ member: Member) -> JSONValue? {
        let value = part.value.json
        guard member.kind.argument(for: value) != nil else {
            let isUnquoted = if case .text = member.kind { !value.isComposed } else { false }
            refuse(
                "\(part.name) must be \(member.kind.rule)."
                    + (isUnquoted ? " Put it into quotation marks." : ""), at: part.line)
            return nil
        }
        return value
    }

    // MARK: Reading maps

    private mutating func entries(
        _ source: SourceValue, of what: String
    ) -> [SourceValue.Entry] {
        switch source.content {
        case .map(let entries): return entries
        case .scalar(.null): return []
        default:
            refuse("\(what) must be a list of “name: value”.", at: source.line)
            return []
        }
    }

    private mutating func parts(
        _ source: SourceValue, of what: String, _ known: Set<String>
    ) -> [String: SourceValue] {
        var parts: [String: SourceValue] = [:]
        for entry in entries(source, of: what) {
            guard known.contains(entry.name) else {
                refuse("“\(entry.name)” is not a member of \(what).", at: entry.line)
                continue
            }
            parts[entry.name] = entry.value
        }
        return parts
    }

    private mutating func refuseUnknown(
        _ part: SourceValue.Entry, of noun: ConfigurationNoun, beside nouns: [ConfigurationNoun]
    ) {
        let known = noun.members.map(\.name) + nouns.map(\.section)
        let plain = part.name.lowercased().replacing("-", with: "_")
        let near = known.first { name in
            name == plain || name == plain + "s" || name + "s" == plain
        }
        refuse(
            "“\(part.name)” is not a member of a \(noun.word)."
                + (near.map { " Did you mean \($0)?" } ?? ""), at: part.line)
    }

    private mutating func refuse(_ sentence: String, at line: Int) {
        problems.append(ConfigurationProblem(sentence, at: line))
    }
}

extension JSONValue {
    /// True if it holds other values.
    fileprivate var isComposed: Bool { array != nil || object != nil }
}

extension ConfigurationDocument {
    /// Reads what somebody wrote.
    ///
    /// - Throws: ``ConfigurationProblems`` with everything that is wrong.
    package init(reading source: SourceValue) throws(ConfigurationProblems) {
        self = try ReadConfiguration.read(source)
    }

    /// The part that is about some tenants; nil if one of them is not in it.
    package func only(_ slugs: [String]) -> ConfigurationDocument? {
        guard !slugs.isEmpty else { return self }
        let chosen = tenants.filter { slugs.contains($0.slug.text) }
        guard Set(chosen.map(\.slug.text)) == Set(slugs) else { return nil }
        return ConfigurationDocument(manager: manager, tenants: chosen)
    }
}
