import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What is done about who administers.
struct AdministratorOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var keys: AdministerAdministratorKeys { setting.gatehouse.administratorKeys }

    func perform() async throws -> JSONValue {
        if operation.name == .showAdministrator { return try await showAdministrator() }
        let tenant =
            operation.concernsTenant ? try await operation.tenant(in: setting) : nil
        let reach = tenant.map { AdministratorReach.tenant($0.id) } ?? .installation
        switch operation.name {
        case .createAdministratorKey, .createTenantAdministratorKey:
            return try await create(for: reach, called: tenant?.slug)
        case .revokeAdministratorKey, .revokeTenantAdministratorKey:
            return try await revoke(for: reach)
        default:
            let after = try operation.value(
                "after", "--after needs the id of a key.", AdministratorKey.ID.init(parsing:))
            return .array(
                try await keys.list(for: reach, after: after, limit: operation.limit())
                    .map { $0.shown(tenant: tenant?.slug) })
        }
    }

    /// As what whoever asks administers what.
    private func showAdministrator() async throws -> JSONValue {
        guard let administrator = setting.administrator else {
            return ["id": "operator", "name": .null, "role": "owner", "tenant": .null]
        }
        var tenant: Tenant?
        if !administrator.administersInstallation, let id = administrator.tenants.first {
            tenant = try await setting.gatehouse.tenants.find(id)
        }
        return [
            "id": .string(administrator.actor.text), "name": .string(administrator.name),
            "role": .optional(administrator.role(at: tenant?.id)?.rawValue),
            "tenant": .optional(tenant?.slug.text),
        ]
    }

    private func create(
        for reach: AdministratorReach, called tenant: Slug?
    ) async throws -> JSONValue {
        let name = try operation.displayName()
        let role = try operation.administratorRole()
        guard let name, let role else {
            throw OperationError(.wrongUse, "A key needs a --name and a --role.")
        }
        let lifetime = try operation.value(
            "expires_in", "--expires-in must be a time such as 12h or 90d.", Lifetime.init(words:))
        let occasion = setting.occasion
        let made = try await keys.create(for: reach, on: occasion) { secret in
            AdministratorKey(
                secret, called: name, role: role, for: reach, lifetime: lifetime, on: occasion)
        }
        switch made {
        case .made(let key, let secret): return key.shown(tenant: tenant, secret)
        case .tooMany:
            throw OperationError(.conflict, "There are \(AdministratorKey.limit) keys already.")
        }
    }

    private func revoke(for reach: AdministratorReach) async throws -> JSONValue {
        let text = try operation.require("key")
        guard let id = AdministratorKey.ID(parsing: text),
            try await keys.revoke(id, for: reach, on: setting.occasion)
        else { throw OperationError(.notFound, "There is no administrator key “\(text)”.") }
        return ["revoked": .string(text)]
    }
}

extension Operation {
    /// True if it names a tenant.
    fileprivate var concernsTenant: Bool { arguments["tenant"] != nil }
}

extension AdministratorKey {
    /// The key as commands print it, maybe with the secret that is shown once.
    fileprivate func shown(tenant: Slug?, _ secret: Secret? = nil) -> JSONValue {
        var object = JSONObject([
            ("id", .string(id.text)), ("name", .string(name.text)),
            ("begins_with", .string(beginning)), ("role", .string(role.rawValue)),
            ("tenant", .optional(tenant?.text)), ("created_at", .time(createdAt)),
            ("created_by", .string(createdBy)), ("expires_at", .time(expiresAt)),
            ("last_used_at", .time(lastUsedAt)),
        ])
        if let secret { object.add("administrator_key", .string(secret.revealed)) }
        return .object(object)
    }
}
