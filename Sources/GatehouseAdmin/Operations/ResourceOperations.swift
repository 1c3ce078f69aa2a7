import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseWeb

/// What commands do to resources.
struct ResourceOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var resources: AdministerResources { setting.gatehouse.resources }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createResource: return try await create(in: tenant)
        case .listResources:
            return .array(try await resources.list(in: tenant.id).map(\.shown))
        case .updateResource: return try await update(in: tenant)
        case .deleteResource:
            let resource = try await find(in: tenant)
            _ = try await resources.delete(resource, in: tenant.id, on: setting.occasion)
            return ["deleted": .string(resource.id.text)]
        default:
            return try await find(in: tenant).shown
        }
    }

    private func find(in tenant: Tenant) async throws -> Resource {
        let text = try operation.require("resource")
        let known = try await resources.list(in: tenant.id)
        guard
            let resource = known.first(where: {
                $0.id.text.isExactly(text) || $0.indicator.text.isExactly(text)
            })
        else {
            throw OperationError(
                .notFound, "There is no resource “\(text)” in “\(tenant.slug.text)”.")
        }
        return resource
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        guard let name = DisplayName(parsing: try operation.require("name")) else {
            throw OperationError(
                .wrongUse, "The name must be one line of 1 to 100 visible characters.")
        }
        let text = try operation.require("identifier")
        guard let indicator = ResourceIndicator(text) else {
            throw OperationError(
                .wrongUse,
                "“\(text)” is not an absolute URI without a fragment, such as https://api.example.com."
            )
        }
        var resource = Resource(indicator, name: name, at: setting.occasion.now)
        let change = try ResourceChange(operation)
        try await requireClients(of: change, in: tenant)
        change.apply(to: &resource)
        guard try await resources.create(resource, in: tenant.id, on: setting.occasion) else {
            throw OperationError(.conflict, "There is a resource “\(text)” already.")
        }
        return resource.shown
    }

    private func update(in tenant: Tenant) async throws -> JSONValue {
        let resource = try await find(in: tenant)
        let change = try ResourceChange(operation)
        try await requireClients(of: change, in: tenant)
        let (now, disabled) = (setting.occasion.now, operation.arguments["disabled"]?.bool)
        let outcome = try await resources.update(
            resource.id, in: tenant.id, on: setting.occasion
        ) { [setting] resource in
            setting.edit(&resource, shown: \.shown) { resource in
                change.apply(to: &resource)
                if let disabled {
                    resource.disabledAt = disabled ? resource.disabledAt ?? now : nil
                }
            }
        }
        return try outcome.record(or: "The resource is gone.").shown
    }

    /// Refuses a change that names clients which the tenant does not have.
    private func requireClients(of change: ResourceChange, in tenant: Tenant) async throws {
        for id in change.namedClients {
            guard try await setting.gatehouse.clients.find(id, in: tenant.id) != nil else {
                throw OperationError(
                    .notFound, "There is no client “\(id.text)” in “\(tenant.slug.text)”.")
            }
        }
    }
}

/// What a command changes of a resource, checked before anything is changed.
private struct ResourceChange: Sendable {
    /// A setting that falls back on what the client says.
    private enum Choice<Value: Sendable>: Sendable {
        case byClient
        case own(Value)

        var own: Value? { if case .own(let value) = self { value } else { nil } }
    }

    private let name: DisplayName?
    private let scopes: [ResourceScope]?
    private let tokenFormat: AccessTokenFormat?
    private let algorithm: Choice<Algorithm>?
    private let lifetime: Choice<Lifetime>?
    private let claims: Set<String>?
    private let clients: Choice<Set<Client.ID>>?
    private let servers: Set<Client.ID>?
    private let detailsTypes: [AuthorizationDetailsType]?

    init(_ operation: Operation) throws(OperationError) {
        name = try operation.displayName()
        scopes = try Self.scopes(operation)
        tokenFormat = try operation.value(
            "token_format", "--token-format must be jwt or opaque.", AccessTokenFormat.init)
        algorithm = try operation.value(
            "algorithm", "--algorithm must be RS256, PS256, ES256, EdDSA or client."
        ) { text in
            text == "client" ? .byClient : Algorithm(name: text).map(Choice.own)
        }
        lifetime = try operation.value(
            "lifetime", "--lifetime must be 30 to 86400 seconds, or client."
        ) { text in
            if text == "client" { return .byClient }
            guard let number = Int64(text), (30...86_400).contains(number) else { return nil }
            return .own(.seconds(number))
        }
        claims = operation.arguments["claims"]?.strings.map(Set.init)
        if let unknown = claims?.first(where: { !IdentityClaims.names.contains($0) }) {
            throw OperationError(
                .wrongUse,
                "“\(unknown)” is not one of \(IdentityClaims.names.joined(separator: ", ")).")
        }
        let names = operation.arguments["clients"]?.strings
        clients = names == ["all"] ? .byClient : try Self.clients(names).map(Choice.own)
        servers = try Self.clients(operation.arguments["servers"]?.strings)
        detailsTypes = try Self.detailsTypes(operation)
    }

    /// The clients that it names.
    var namedClients: [Client.ID] {
        (clients?.own ?? []).union(servers ?? []).sorted { $0.text < $1.text }
    }

    /// Makes the change.
    func apply(to resource: inout Resource) {
        if let name { resource.name = name }
        if let scopes { resource.scopes = scopes }
        if let tokenFormat { resource.policies.tokenFormat = tokenFormat }
        if let algorithm { resource.policies.algorithm = algorithm.own }
        if let lifetime { resource.policies.lifetime = lifetime.own }
        if let claims { resource.policies.claims = claims }
        if let clients { resource.policies.clients = clients.own }
        if let servers { resource.policies.servers = servers }
        if let detailsTypes { resource.authorizationDetailsTypes = detailsTypes }
    }

    private static func detailsTypes(
        _ operation: Operation
    ) throws(OperationError) -> [AuthorizationDetailsType]? {
        guard let texts = operation.arguments["authorization_details_types"]?.strings else {
            return nil
        }
        var types: [AuthorizationDetailsType] = []
        for text in texts {
            // The complaint says what is wrong.
            guard let json = try? JSONObject(parsing: Array(text.utf8)),
                let type = AuthorizationDetailsType(json),
                !types.contains(where: { $0.name.isExactly(type.name) })
            else {
                throw OperationError(
                    .wrongUse,
                    "“\(text)” is not a type, as in {\"type\": \"payment\", \"description\": \"Pay for you\"}."
                )
            }
            types.append(type)
        }
        return types
    }

    private static func scopes(
        _ operation: Operation
    ) throws(OperationError) -> [ResourceScope]? {
        guard let texts = operation.arguments["scopes"]?.strings else { return nil }
        var scopes: [ResourceScope] = []
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard let value = parts.first,
                let words = DisplayName(parsing: parts.count == 2 ? parts[1] : value),
                let scope = ResourceScope(value, description: words)
            else {
                throw OperationError(
                    .wrongUse,
                    "“\(text)” is not a scope value and its meaning, as in “orders:read=See your orders”."
                )
            }
            scopes.append(scope)
        }
        return scopes
    }

    private static func clients(_ texts: [String]?) throws(OperationError) -> Set<Client.ID>? {
        guard let texts else { return nil }
        var clients: Set<Client.ID> = []
        for text in texts {
            guard let id = Client.ID(parsing: text) else {
                throw OperationError(.wrongUse, "“\(text)” is not a client id.")
            }
            clients.insert(id)
        }
        return clients
    }
}

extension Resource {
    /// The resource as commands print it.
    var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("identifier", .string(indicator.text)),
                ("name", .string(name.text)),
                (
                    "scopes",
                    .object(JSONObject(scopes.map { ($0.value, .string($0.description.text)) }))
                ),
                ("token_format", .string(policies.tokenFormat.rawValue)),
                ("algorithm", .string(policies.algorithm?.name ?? "client")),
                ("lifetime", policies.lifetime.map { .integer($0.seconds) } ?? .string("client")),
                ("claims", .array(policies.claims.sorted().map { .string($0) })),
                ("clients", policies.clients.map(Self.list) ?? .string("all")),
                ("servers", Self.list(policies.servers)),
                (
                    "authorization_details_types",
                    .array(authorizationDetailsTypes.map { .object($0.json) })
                ),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
                ("disabled_at", .time(disabledAt)),
            ]))
    }

    private static func list(_ clients: Set<Client.ID>) -> JSONValue {
        .array(clients.map(\.text).sorted().map { .string($0) })
    }
}
