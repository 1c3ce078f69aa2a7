import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to exchange policies.
struct ExchangeOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var policies: AdministerExchangePolicies { setting.gatehouse.exchangePolicies }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let client = try await client(try operation.require("client"), of: tenant)
        switch operation.name {
        case .createExchange: return try await create(for: client, in: tenant)
        case .deleteExchange: return try await delete(of: client, in: tenant)
        default:
            return .array(
                try await policies.list(of: client.id, in: tenant.id).map(\.shown))
        }
    }

    private func client(_ text: String, of tenant: Tenant) async throws -> Client {
        try await operation.client(text, of: tenant, in: setting)
    }

    private func create(for client: Client, in tenant: Tenant) async throws -> JSONValue {
        guard client.isConfidential else {
            throw OperationError(
                .wrongUse, "A client that proves nothing could be anybody: it exchanges no tokens.")
        }
        let policy = ExchangePolicy(
            for: client.id, try await rule(in: tenant), at: setting.occasion.now)
        guard try await policies.create(policy, in: tenant.id, on: setting.occasion) else {
            throw OperationError(.notFound, "The client is gone.")
        }
        return policy.shown
    }

    private func rule(in tenant: Tenant) async throws -> ExchangeRule {
        guard let mode = ExchangeRule.Mode(rawValue: try operation.require("mode")) else {
            throw OperationError(.wrongUse, "--mode must be delegation or impersonation.")
        }
        var rule = ExchangeRule(mode, for: try await resources(of: tenant))
        for text in operation.arguments["from"]?.strings ?? [] {
            rule.issuedTo.insert(try await client(text, of: tenant).id)
        }
        rule.audiences = Set(operation.arguments["audiences"]?.strings ?? [])
        rule.additionalScope =
            try operation.value("scope", "--scope holds a character that is not allowed.") {
                try? Scope(parsing: $0)  // the complaint says what is wrong
            } ?? .none
        rule.acceptsIDTokens = operation.arguments["id_tokens"]?.bool ?? false
        if let text = operation.text("may_act") {
            rule.successor = try await client(text, of: tenant).id
        }
        rule.namesActor = operation.arguments["hide_actor"]?.bool != true
        guard rule.namesActor || mode == .impersonation else {
            throw OperationError(.wrongUse, "--hide-actor is for --mode impersonation.")
        }
        return rule
    }

    /// The resources that are named, each of which has to exist.
    private func resources(of tenant: Tenant) async throws -> [ResourceIndicator] {
        let known = try await setting.gatehouse.resources.list(in: tenant.id).map(\.indicator)
        let named = try (operation.arguments["resources"]?.strings ?? []).map { text in
            guard let resource = known.first(where: { $0.text.isExactly(text) }) else {
                throw OperationError(
                    .notFound, "There is no resource “\(text)” in “\(tenant.slug.text)”.")
            }
            return resource
        }
        guard !named.isEmpty else {
            throw OperationError(.wrongUse, "The policy needs at least one --resource.")
        }
        return named
    }

    private func delete(of client: Client, in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("policy")
        guard let id = ExchangePolicy.ID(parsing: text),
            try await policies.delete(id, of: client.id, in: tenant.id, on: setting.occasion)
        else { throw OperationError(.notFound, "The client has no policy “\(text)”.") }
        return ["deleted": .string(text)]
    }
}

extension ExchangePolicy {
    /// The policy as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("mode", .string(rule.mode.rawValue)),
                ("resources", .array(rule.resources.map { .string($0.text) })),
                ("from", .array(rule.issuedTo.map(\.text).sorted().map { .string($0) })),
                ("audiences", .array(rule.audiences.sorted().map { .string($0) })),
                ("scope", .string(rule.additionalScope.text)),
                ("id_tokens", .bool(rule.acceptsIDTokens)),
                ("may_act", .optional(rule.successor?.text)),
                ("hide_actor", .bool(!rule.namesActor)),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ]))
    }
}
