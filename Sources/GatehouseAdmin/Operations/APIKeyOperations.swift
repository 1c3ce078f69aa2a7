import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseScopes
import GatehouseWeb

/// What commands do to API keys.
struct APIKeyOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var keys: AdministerAPIKeys { setting.gatehouse.apiKeys }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createAPIKey: return try await create(in: tenant)
        case .revokeAPIKey: return try await revoke(in: tenant)
        default: return try await list(in: tenant)
        }
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        guard let owner = try await owner(in: tenant) else {
            throw OperationError(.wrongUse, "A key needs a --user, an --organization, or both.")
        }
        let values = try Values(operation)
        let now = setting.occasion.now
        let made = try await keys.create(in: tenant.id, on: setting.occasion) { secret in
            APIKey(
                secret, called: values.name, of: owner, for: values.audience,
                scopes: values.scopes, networks: values.networks,
                expiresAt: values.lifetime.map { now + $0 }, at: now)
        }
        switch made {
        case .made(let key, let secret): return .object(key.shown(secret))
        case .tooMany:
            throw OperationError(.conflict, "Whoever owns it has \(APIKey.limit) keys already.")
        case .noResource(let text):
            throw OperationError(.notFound, "There is no resource “\(text)”.")
        case .refused: throw OperationError.mayNot
        case .gone:
            throw OperationError(.notFound, "The user is gone, or is not in the organization.")
        }
    }

    private func list(in tenant: Tenant) async throws -> JSONValue {
        let owner = try await owner(in: tenant)
        let after = try operation.value(
            "after", "--after needs the id of an API key.", APIKey.ID.init(parsing:))
        return .array(
            try await keys.list(
                in: tenant.id, of: owner?.user, in: owner?.organization, after: after,
                limit: operation.limit()
            ).map { .object($0.shown()) })
    }

    private func revoke(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("key")
        guard let id = APIKey.ID(parsing: text),
            case .revoked = try await keys.revoke(id, in: tenant.id, on: setting.occasion)
        else {
            throw OperationError(
                .notFound, "There is no API key “\(text)” in “\(tenant.slug.text)”.")
        }
        return ["revoked": .string(text)]
    }

    /// Whose key it is, or whose are listed.
    private func owner(in tenant: Tenant) async throws -> APIKey.Owner? {
        let user =
            try await operation.text("user") == nil
            ? nil : UserOperations(operation: operation, setting: setting).find(in: tenant)
        let organization =
            try await operation.text("organization") == nil
            ? nil
            : OrganizationOperations(operation: operation, setting: setting).find(in: tenant)
        return switch (user, organization) {
        case (let user?, let organization?): .member(user.id, organization.id)
        case (let user?, nil): .user(user.id)
        case (nil, let organization?): .organization(organization.id)
        case (nil, nil): nil
        }
    }

    /// The values of a key that a command gives.
    private struct Values: Sendable {
        let name: DisplayName
        let audience: [String]
        let scopes: MembershipScopes
        let networks: [AllowedNetwork]
        let lifetime: Lifetime?

        init(_ operation: Operation) throws(OperationError) {
            let name = try operation.displayName()
            guard let name else { throw OperationError(.wrongUse, "A key needs a --name.") }
            self.name = name
            audience = operation.arguments["resources"]?.strings ?? []
            guard (1...APIKey.mostAudience).contains(audience.count) else {
                throw OperationError(.wrongUse, "A key is for 1 to 10 resources: --resource.")
            }
            scopes = try Self.scopes(operation.arguments["scopes"]?.strings ?? [])
            let texts = operation.arguments["networks"]?.strings ?? []
            networks = texts.compactMap(AllowedNetwork.init(parsing:))
            guard networks.count == texts.count, networks.count <= APIKey.mostNetworks else {
                throw OperationError(
                    .wrongUse, "--network must be a network such as 192.0.2.0/24, at most 20.")
            }
            lifetime = try operation.value(
                "expires_in", "--expires-in must be a time such as 12h or 90d.",
                Lifetime.init(words:))
        }

        private static func scopes(_ texts: [String]) throws(OperationError) -> MembershipScopes {
            guard let scopes = MembershipScopes(parsing: texts),
                scopes.arePermissions
            else {
                throw OperationError(
                    .wrongUse,
                    "--scope must be an action on a resource, such as invoices:read, at most 100.")
            }
            return scopes
        }
    }
}

extension APIKey {
    /// The key as commands print it, maybe with the secret that is shown once.
    fileprivate func shown(_ secret: Secret? = nil) -> JSONObject {
        var object = JSONObject([
            ("id", .string(id.text)), ("name", .string(name.text)),
            ("begins_with", .string(beginning)), ("user", .optional(owner.user?.text)),
            ("organization", .optional(owner.organization?.text)),
            ("resources", .array(audience.map { .string($0) })),
            ("scopes", .array(scopes.texts.map { .string($0) })),
            ("networks", .array(networks.map { .string($0.text) })),
            ("created_at", .time(createdAt)),
        ])
        if let expiresAt { object.add("expires_at", .time(expiresAt)) }
        if let lastUsedAt { object.add("last_used_at", .time(lastUsedAt)) }
        if let secret { object.add("api_key", .string(secret.revealed)) }
        return object
    }
}
