import GatehouseCore
import GatehouseEncoding

/// Gets an operation done, wherever the installation is.
package typealias PerformOperation = @Sendable (Operation) async throws -> Operation.Answer

/// Looks at tenants by the operations that everybody uses.
///
/// Of the clients and organizations, of which there may be many, only those are looked at that a
/// document or a mark names.
struct FindConfiguration: Sendable {
    let perform: PerformOperation
    let manager: String

    /// The most of a list that an export takes.
    private static let most: Int64 = 10_000

    /// What there is of what a document names, and of what is marked as the document's.
    func tenant(for wanted: ConfiguredTenant) async throws -> FoundTenant {
        var found = try await begin(wanted.slug.text)
        guard found.shown != nil else { return found }
        let nouns = Set(wanted.things.map(\.noun.name))
        try await addLists(to: &found, nouns)
        let parts = ConfigurationNoun.ofOrganization
            .filter { nouns.contains($0.name) || hasMark($0, in: found) }.map(\.name)
        for thing in wanted.things(.organization) {
            try await addOrganization(thing.name, to: &found, Set(parts))
        }
        try await addMarked(.organization, to: &found)
        for thing in wanted.things(.client) {
            try await addClient(thing, to: &found)
        }
        try await addMarked(.client, to: &found)
        try await addNamesOfOrganizations(to: &found)
        return found
    }

    /// Everything that a document could say of a tenant.
    func everything(of slug: String) async throws -> FoundTenant {
        var found = try await begin(slug)
        guard found.shown != nil else { return found }
        let nouns = Set(ConfigurationNoun.Name.allCases)
        try await addLists(to: &found, nouns)
        for shown in try await list(.listOrganizations, [], of: slug, limit: Self.most) {
            guard let name = shown["slug"]?.string, shown["state"]?.string != "deleting" else {
                continue
            }
            try await addOrganization(name, to: &found, nouns)
        }
        try await addAllClients(to: &found)
        return found
    }

    private func begin(_ slug: String) async throws -> FoundTenant {
        var found = FoundTenant(slug: slug)
        guard let shown = try await show(.showTenant, [], of: slug) else { return found }
        found.shown = shown
        found.things.append(FoundThing(noun: .tenant, name: slug, shown: shown))
        found.marks = try await list(.listMarks, [], of: slug).compactMap { FoundMark(.object($0)) }
        return found
    }

    // MARK: What there are few of

    private func addLists(
        to found: inout FoundTenant, _ nouns: Set<ConfigurationNoun.Name>
    ) async throws {
        let slug = found.slug
        if nouns.contains(.limit) {
            found.things += try await list(.listLimits, [], of: slug).map {
                FoundThing(noun: .limit, name: $0["limit"]?.string ?? "", shown: $0)
            }
        }
        let alone: [(ConfigurationNoun, Operation.Name)] = [
            (.branding, .showBranding), (.registration, .showRegistration),
        ]
        for (noun, operation) in alone where nouns.contains(noun.name) {
            guard let shown = try await show(operation, [], of: slug) else { continue }
            found.things.append(FoundThing(noun: noun, name: slug, shown: shown))
        }
        let lists: [(ConfigurationNoun, Operation.Name, String)] = [
            (.role, .listRoles, "name"), (.resource, .listResources, "identifier"),
            (.trustedIssuer, .listTrustedIssuers, "issuer"),
        ]
        for (noun, operation, name) in lists
        where nouns.contains(noun.name) || hasMark(noun, in: found) {
            found.things += try await list(operation, [], of: slug).map {
                FoundThing(noun: noun, name: $0[name]?.string ?? "", shown: $0)
            }
        }
    }

    private func hasMark(_ noun: ConfigurationNoun, in found: FoundTenant) -> Bool {
        found.marks.contains { $0.kind == noun.mark && $0.manager == manager }
    }

    // MARK: Organizations

    private func addOrganization(
        _ name: String, to found: inout FoundTenant, _ nouns: Set<ConfigurationNoun.Name>
    ) async throws {
        let named: [(String, JSONValue?)] = [("organization", .string(name))]
        guard let shown = try await show(.showOrganization, named, of: found.slug),
            let id = shown["id"]?.string, let slug = shown["slug"]?.string, slug == name
        else { return }
        found.names.organizations[slug] = id
        found.things.append(FoundThing(noun: .organization, name: slug, shown: shown))
        let parts: [(ConfigurationNoun, Operation.Name)] = [
            (.organizationRole, .listRoles), (.group, .listGroups),
        ]
        for (noun, operation) in parts where nouns.contains(noun.name) {
            found.things += try await list(operation, named, of: found.slug).compactMap { part in
                // The roles of the tenant are listed besides: they count in each of its organizations.
                guard part["organization"]?.string == id else { return nil }
                return FoundThing(
                    noun: noun, name: part["name"]?.string ?? "", owner: slug, shown: part)
            }
        }
    }

    /// The slugs of organizations that clients have to do with and the document does not name.
    private func addNamesOfOrganizations(to found: inout FoundTenant) async throws {
        let clients = found.things.filter { $0.noun.name == .client }
        let ids = clients.flatMap { client in
            (client.shown["organizations"]?.strings ?? [])
                + [client.shown["organization"]?.string].compactMap(\.self)
        }
        for id in Set(ids).subtracting(found.names.organizations.values) {
            let named: [(String, JSONValue?)] = [("organization", .string(id))]
            let shown = try await show(.showOrganization, named, of: found.slug)
            guard let slug = shown?["slug"]?.string else { continue }
            found.names.organizations[slug] = id
        }
    }

    // MARK: Clients

    private func addClient(
        _ thing: ConfiguredThing, to found: inout FoundTenant
    ) async throws {
        let marked = found.marks.filter {
            $0.kind == .client && $0.manager == manager && $0.name == thing.name
        }
        for id in marked.map(\.id) + [thing.clientID].compactMap(\.self) {
            let isAdded = try await addClient(
                id, as: thing.name, withExchanges: thing.exchanges != nil, to: &found)
            if isAdded { return }
        }
    }

    /// Adds a client; false if there is none of this id.
    private func addClient(
        _ id: String, as name: String, withExchanges: Bool, to found: inout FoundTenant
    ) async throws -> Bool {
        let named: [(String, JSONValue?)] = [("client", .string(id))]
        guard let shown = try await show(.showClient, named, of: found.slug) else { return false }
        try await add(shown, as: name, withExchanges: withExchanges, to: &found)
        return true
    }

    private func add(
        _ shown: JSONObject, as name: String, withExchanges: Bool, to found: inout FoundTenant
    ) async throws {
        var thing = FoundThing(noun: .client, name: name, shown: shown)
        if withExchanges {
            // Who proves nothing exchanges nothing.
            let isPublic = shown["authentication"]?.string == "none"
            thing.exchanges =
                isPublic
                ? []
                : try await list(.listExchanges, [("client", .string(thing.id))], of: found.slug)
        }
        found.names.clients[name] = thing.id
        found.things.append(thing)
    }

    private func addAllClients(to found: inout FoundTenant) async throws {
        var taken: Set<String> = ["all", "none"]
        for shown in try await list(.listClients, [], of: found.slug, limit: Self.most) {
            // What made itself known is no decision of whoever keeps the configuration.
            guard shown["origin"]?.string == "administrator", let id = shown["client_id"]?.string
            else { continue }
            let mark = found.marks.first { $0.kind == .client && $0.id == id }
            let name = Self.name(mark?.name ?? shown["name"]?.string ?? "", besides: &taken)
            try await add(shown, as: name, withExchanges: true, to: &found)
        }
    }

    /// A name in a document made of what people see, which nothing else has.
    static func name(_ text: String, besides taken: inout Set<String>) -> String {
        let words = text.lowercased().unicodeScalars.split { scalar in
            !("a"..."z").contains(scalar) && !("0"..."9").contains(scalar)
        }
        let joined = String(words.map { String($0) }.joined(separator: "-").prefix(50))
        let slug = Slug(parsing: joined)?.text ?? "client"
        let name =
            taken.contains(slug)
            ? (2...).lazy.map { "\(slug)-\($0)" }.first { !taken.contains($0) } ?? slug : slug
        taken.insert(name)
        return name
    }

    // MARK: What is marked

    /// Adds what the document manages by its marks and does not name any more.
    private func addMarked(
        _ noun: ConfigurationNoun, to found: inout FoundTenant
    ) async throws {
        let known = Set(found.things.filter { $0.noun.name == noun.name }.map(\.id))
        for mark in found.marks
        where mark.kind == noun.mark && mark.manager == manager && !known.contains(mark.id) {
            if noun.name == .client {
                _ = try await addClient(mark.id, as: mark.name, withExchanges: false, to: &found)
                continue
            }
            let named: [(String, JSONValue?)] = [("organization", .string(mark.id))]
            guard let shown = try await show(.showOrganization, named, of: found.slug),
                shown["state"]?.string != "deleting"
            else { continue }
            found.things.append(FoundThing(noun: noun, name: mark.name, shown: shown))
        }
    }

    // MARK: Asking

    /// What an operation shows; nil if there is nothing of the kind.
    private func show(
        _ name: Operation.Name, _ arguments: [(String, JSONValue?)], of tenant: String
    ) async throws -> JSONObject? {
        let operation = Operation(name, [("tenant", .string(tenant))] + arguments)
        do {
            return try await perform(operation).result.object
        } catch  where Operation.isNotFound(error) {
            return nil
        }
    }

    private func list(
        _ name: Operation.Name, _ arguments: [(String, JSONValue?)], of tenant: String,
        limit: Int64? = nil
    ) async throws -> [JSONObject] {
        let operation = Operation(
            name,
            [("tenant", .string(tenant)), ("limit", limit.map { .integer($0) })] + arguments)
        let things = (try await perform(operation).result.array ?? []).compactMap(\.object)
        if let limit, things.count >= limit {
            throw OperationError(
                .failed, "There are too many: a configuration takes less than \(limit) of a kind.")
        }
        return things
    }
}

/// An error that says what kind of reason it is, however it came here.
package protocol OperationRefusal: Error {
    var isNotFound: Bool { get }
}

extension OperationError: OperationRefusal {
    package var isNotFound: Bool { code == .notFound }
}

extension Operation {
    fileprivate static func isNotFound(_ error: any Error) -> Bool {
        (error as? any OperationRefusal)?.isNotFound ?? false
    }
}
