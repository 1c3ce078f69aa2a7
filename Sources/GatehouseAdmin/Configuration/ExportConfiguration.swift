package import GatehouseCore
package import GatehouseEncoding
import GatehouseProtocol

/// Writes what there is as a document.
///
/// It holds no secret: operations show none.
package struct ExportConfiguration: Sendable {
    private let perform: PerformOperation
    private let manager: Slug

    package init(as manager: Slug, perform: @escaping PerformOperation) {
        self.manager = manager
        self.perform = perform
    }

    /// The document of some tenants, or of all.
    package func document(of slugs: [String]) async throws -> JSONObject {
        var tenants = JSONObject()
        for slug in slugs.isEmpty ? try await allTenants() : slugs {
            let found = try await FindConfiguration(perform: perform, manager: manager.text)
                .everything(of: slug)
            guard found.shown != nil else {
                throw OperationError(.notFound, "There is no tenant “\(slug)”.")
            }
            tenants.add(slug, .object(tenant(found)))
        }
        return JSONObject([
            ("gatehouse", .integer(ReadConfiguration.version)),
            ("managed_by", .string(manager.text)), ("tenants", .object(tenants)),
        ])
    }

    private func allTenants() async throws -> [String] {
        let listed = try await perform(Operation(.listTenants, [("limit", 10_000)])).result
        return (listed.array ?? []).compactMap { $0["slug"]?.string }
    }

    private func tenant(_ found: FoundTenant) -> JSONObject {
        var tenant = JSONObject()
        for thing in found.things where thing.noun.name == .tenant {
            tenant = object(thing, found.names)
        }
        for thing in found.things where thing.noun.isAlone {
            let said = object(thing, found.names)
            if !said.members.isEmpty { tenant.add(thing.noun.section, .object(said)) }
        }
        for noun in ConfigurationNoun.ofTenant where !noun.isAlone {
            let section = section(noun, of: nil, in: found)
            if !section.members.isEmpty { tenant.add(noun.section, .object(section)) }
        }
        return tenant
    }

    private func section(
        _ noun: ConfigurationNoun, of owner: String?, in found: FoundTenant
    ) -> JSONObject {
        var section = JSONObject()
        for thing in found.things where thing.noun.name == noun.name && thing.owner == owner {
            if noun.name == .limit, thing.shown["default"] == true { continue }
            var said = object(thing, found.names)
            if noun.name == .organization {
                for inner in ConfigurationNoun.ofOrganization {
                    let part = self.section(inner, of: thing.name, in: found)
                    if !part.members.isEmpty { said.add(inner.section, .object(part)) }
                }
            }
            section.add(thing.name, .object(said))
        }
        return section
    }

    // MARK: One thing

    private func object(_ thing: FoundThing, _ names: ConfigurationNames) -> JSONObject {
        var object = JSONObject()
        if thing.noun.name == .client { object.add("client_id", .string(thing.id)) }
        let standard = thing.noun.standard(like: thing.shown)
        let required = Set(thing.noun.requiredMembers.map(\.name))
        for member in thing.noun.members {
            let value = thing.noun.value(of: member, in: thing.shown, names)
            let usual = thing.noun.value(of: member, in: standard, names)
            let isUsual =
                thing.noun.normal(member, value) == thing.noun.normal(member, usual)
                || (member.name == "audience" && value == .string(thing.id))
            guard required.contains(member.name) || !isUsual,
                member.kind.argument(for: value) != nil, !isEmptyKey(member, value)
            else { continue }
            object.add(member.name, value)
        }
        if let exchanges = thing.exchanges, !exchanges.isEmpty {
            object.add("exchanges", .array(exchanges.map { .object(exchange($0, names)) }))
        }
        return object
    }

    /// Whether it says that there are no keys, which nothing can be told to have.
    private func isEmptyKey(_ member: Member, _ value: JSONValue) -> Bool {
        value == member.kind.empty
            && (member.name.hasPrefix("jwks") || member.name.hasPrefix("tls_client_auth")
                || member.name == "sector_identifier_uri")
    }

    private func exchange(_ policy: JSONObject, _ names: ConfigurationNames) -> JSONObject {
        var object = JSONObject()
        for member in ConfigurationNoun.exchangeMembers {
            guard var value = policy[member.name], value != .null else { continue }
            if let reference = ConfigurationNoun.exchangeReferences[member.name] {
                value = names.named(value, reference)
            }
            if member.isRequired || value != member.kind.empty { object.add(member.name, value) }
        }
        return object
    }
}

extension ConfigurationNoun {
    /// What a new thing is like that was told nothing but what it has to be told.
    fileprivate func standard(like shown: JSONObject) -> JSONObject {
        switch name {
        case .client: Self.standardClient(like: shown)
        case .resource: Self.standardResource
        case .registration: RegistrationPolicy().shown.object ?? JSONObject()
        case .branding: ["corners": .string(Branding().corners.rawValue)]
        case .tenant: ["registration": "closed"]
        case .trustedIssuer: ["algorithms": .array(Shape.algorithms.map { .string($0) })]
        case .limit, .role, .organization, .organizationRole, .group: JSONObject()
        }
    }

    /// A new client of the same type and profile.
    private static func standardClient(like shown: JSONObject) -> JSONObject {
        guard let name = shown["name"]?.string.flatMap(DisplayName.init(parsing:)),
            let kind = shown["type"]?.string.flatMap(Client.Kind.init(rawValue:))
        else { return JSONObject() }
        var client = Client(name: name, kind: kind, at: Timestamp(seconds: 0))
        let profile = Operation(.createClient, [("profile", shown["profile"])])
        // What is shown is a profile.
        try? ProfileChange(profile).begin(&client)
        var standard = client.shown().object ?? JSONObject()
        // The profile is told, so it is never left out for being usual.
        if shown["profile"]?.string != "standard" { standard.remove("profile") }
        return standard
    }

    private static let standardResource: JSONObject = {
        guard let name = DisplayName(parsing: "Resource"),
            let indicator = ResourceIndicator("https://resource.example")
        else { return JSONObject() }
        return Resource(indicator, name: name, at: Timestamp(seconds: 0)).shown.object
            ?? JSONObject()
    }()
}
