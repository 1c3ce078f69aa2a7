import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseWeb

/// What commands do to trusted issuers.
struct TrustedIssuerOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var issuers: AdministerTrustedIssuers { setting.gatehouse.trustedIssuers }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createTrustedIssuer: return try await create(in: tenant)
        case .listTrustedIssuers:
            return .array(
                try await issuers.list(in: tenant.id).map { .object($0.shown) })
        case .updateTrustedIssuer: return try await update(in: tenant)
        case .deleteTrustedIssuer:
            let issuer = try await find(in: tenant)
            _ = try await issuers.delete(issuer.id, in: tenant.id, on: setting.occasion)
            return ["deleted": .string(issuer.id.text)]
        case .linkSubject: return try await link(in: tenant)
        case .unlinkSubject: return try await unlink(in: tenant)
        default: return try await show(in: tenant)
        }
    }

    private func find(in tenant: Tenant) async throws -> TrustedIssuer {
        let text = try operation.require("issuer")
        let known = try await issuers.list(in: tenant.id)
        guard
            let issuer = known.first(where: {
                $0.id.text.isExactly(text) || $0.name.text.isExactly(text)
            })
        else {
            throw OperationError(.notFound, "“\(tenant.slug.text)” trusts no issuer “\(text)”.")
        }
        return issuer
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("issuer")
        guard let name = TrustedIssuer.Name(text) else {
            throw OperationError(
                .wrongUse, "The issuer must be 1 to 500 visible ASCII characters, as in its iss.")
        }
        let change = try await TrustedIssuerChange(operation, in: tenant, setting)
        guard let keys = change.keys, let clients = change.clients, let mapping = change.mapping
        else {
            throw OperationError(
                .wrongUse,
                "Say where its keys are (--jwks or --jwks-uri), which --client may bring its "
                    + "assertions, and who its --subject is.")
        }
        var issuer = TrustedIssuer(
            name, TrustedIssuer.Terms(keys: keys, clients: clients, mapping: mapping),
            at: setting.occasion.now)
        change.apply(to: &issuer.terms)
        guard try await issuers.create(issuer, in: tenant.id, on: setting.occasion) else {
            throw OperationError(.conflict, "“\(tenant.slug.text)” trusts “\(text)” already.")
        }
        return .object(issuer.shown)
    }

    private func update(in tenant: Tenant) async throws -> JSONValue {
        let issuer = try await find(in: tenant)
        let change = try await TrustedIssuerChange(operation, in: tenant, setting)
        let changed = try await issuers.update(
            issuer.id, in: tenant.id, on: setting.occasion
        ) { [now = setting.occasion.now, disabled = operation.arguments["disabled"]?.bool] in
            change.apply(to: &$0.terms)
            if let disabled { $0.disabledAt = disabled ? $0.disabledAt ?? now : nil }
        }
        guard let changed else { throw OperationError(.notFound, "The issuer is gone.") }
        return .object(changed.shown)
    }

    private func show(in tenant: Tenant) async throws -> JSONValue {
        let issuer = try await find(in: tenant)
        var shown = issuer.shown
        let links = try await issuers.links(of: issuer.id, in: tenant.id)
        shown.add(
            "links", .object(JSONObject(links.map { ($0.subject, .string($0.user.text)) })))
        return .object(shown)
    }

    private func link(in tenant: Tenant) async throws -> JSONValue {
        let issuer = try await find(in: tenant)
        let subject = try operation.require("subject")
        let text = try operation.require("user")
        guard (1...255).contains(subject.utf8.count), !subject.utf8.contains(0) else {
            throw OperationError(.wrongUse, "The subject must be 1 to 255 bytes.")
        }
        guard let user = User.ID(parsing: text) else {
            throw OperationError(.wrongUse, "“\(text)” is not the id of a user.")
        }
        let linking = try await issuers.link(
            subject, of: issuer.id, to: user, in: tenant.id, on: setting.occasion)
        switch linking {
        case .linked: return ["subject": .string(subject), "user": .string(text)]
        case .taken: throw OperationError(.conflict, "“\(subject)” is linked already.")
        case .gone:
            throw OperationError(.notFound, "There is no user “\(text)” in “\(tenant.slug.text)”.")
        }
    }

    private func unlink(in tenant: Tenant) async throws -> JSONValue {
        let issuer = try await find(in: tenant)
        let subject = try operation.require("subject")
        let isUnlinked = try await issuers.unlink(
            subject, of: issuer.id, in: tenant.id, on: setting.occasion)
        guard isUnlinked else {
            throw OperationError(.notFound, "“\(subject)” is not linked.")
        }
        return ["deleted": .string(subject)]
    }
}

/// What a command changes of the terms of an issuer, checked before anything is changed.
private struct TrustedIssuerChange: Sendable {
    let keys: ClientKeys?
    let clients: Set<Client.ID>?
    let mapping: TrustedIssuer.Mapping?
    private let algorithms: [Algorithm]?
    private let scope: Scope?
    private let resources: [ResourceIndicator]?
    private let lifetime: Lifetime?

    init(
        _ operation: Operation, in tenant: Tenant, _ setting: Operation.Setting
    ) async throws {
        keys = try operation.keys()
        clients = try await Self.clients(operation, in: tenant, setting)
        mapping = try operation.value(
            "subject", "--subject must be user, email or link.", TrustedIssuer.Mapping.init)
        algorithms = try operation.arguments["algorithms"]?.strings?.map { name in
            guard let algorithm = Algorithm(name: name) else {
                throw OperationError(
                    .wrongUse, "--algorithm must be RS256, PS256, ES256 or EdDSA.")
            }
            return algorithm
        }
        scope = try operation.value(
            "scope", "--scope holds a character that is not allowed, or is about signing in."
        ) { text in
            // The complaint says what is wrong.
            (try? Scope(parsing: text)).flatMap {
                $0.intersection(.identity).isEmpty ? $0 : nil
            }
        }
        resources = try await Self.resources(operation, in: tenant, setting)
        lifetime = try operation.arguments["lifetime"]?.integer.map { seconds in
            guard (30...86_400).contains(seconds) else {
                throw OperationError(.wrongUse, "--lifetime must be 30 to 86400 seconds.")
            }
            return .seconds(seconds)
        }
    }

    private static func clients(
        _ operation: Operation, in tenant: Tenant, _ setting: Operation.Setting
    ) async throws -> Set<Client.ID>? {
        guard let texts = operation.arguments["clients"]?.strings else { return nil }
        var clients: Set<Client.ID> = []
        for text in texts {
            guard let id = Client.ID(parsing: text),
                try await setting.gatehouse.clients.find(id, in: tenant.id) != nil
            else {
                throw OperationError(
                    .notFound, "There is no client “\(text)” in “\(tenant.slug.text)”.")
            }
            clients.insert(id)
        }
        return clients
    }

    /// The resources that are named, each of which has to exist.
    private static func resources(
        _ operation: Operation, in tenant: Tenant, _ setting: Operation.Setting
    ) async throws -> [ResourceIndicator]? {
        guard let texts = operation.arguments["resources"]?.strings else { return nil }
        let known = try await setting.gatehouse.resources.list(in: tenant.id).map(\.indicator)
        return try texts.map { text in
            guard let resource = known.first(where: { $0.text.isExactly(text) }) else {
                throw OperationError(
                    .notFound, "There is no resource “\(text)” in “\(tenant.slug.text)”.")
            }
            return resource
        }
    }

    /// Makes the change.
    func apply(to terms: inout TrustedIssuer.Terms) {
        if let keys { terms.keys = keys }
        if let clients { terms.clients = clients }
        if let mapping { terms.mapping = mapping }
        if let algorithms { terms.algorithms = algorithms }
        if let scope { terms.scope = scope }
        if let resources { terms.resources = resources }
        if let lifetime { terms.longestLifetime = lifetime }
    }
}

extension TrustedIssuer {
    /// The issuer as commands print it.
    fileprivate var shown: JSONObject {
        var object = JSONObject([
            ("id", .string(id.text)), ("issuer", .string(name.text)),
            ("subject", .string(terms.mapping.rawValue)),
            ("clients", .array(terms.clients.map(\.text).sorted().map { .string($0) })),
            ("algorithms", .array(terms.algorithms.map { .string($0.name) })),
            ("scope", .string(terms.scope.text)),
            ("resources", .array(terms.resources.map { .string($0.text) })),
            ("lifetime", .integer(terms.longestLifetime.seconds)),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("disabled_at", .time(disabledAt)),
        ])
        switch terms.keys {
        case .registered(let keys): object.add("jwks", .object(keys.jsonObject))
        case .published(let address): object.add("jwks_uri", .string(address.text))
        }
        return object
    }
}
