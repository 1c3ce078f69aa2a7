import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What commands do to tenants.
struct TenantOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenants = setting.gatehouse.tenants
        switch operation.name {
        case .createTenant: return try await create()
        case .listTenants:
            let after = try operation.value(
                "after", "--after needs the slug of a tenant.", Slug.init(parsing:))
            return .array(
                try await tenants.list(after: after, limit: operation.limit())
                    .map { $0.shown(setting.addresses) })
        case .updateTenant: return try await update()
        case .deleteTenant:
            let tenant = try await operation.tenant(in: setting)
            _ = try await tenants.delete(tenant.slug, on: setting.occasion)
            return ["deleted": .string(tenant.slug.text)]
        default:
            return try await operation.tenant(in: setting).shown(setting.addresses)
        }
    }

    private func create() async throws -> JSONValue {
        let text = try operation.require("tenant")
        guard let slug = Slug(parsing: text) else {
            throw OperationError(
                .wrongUse,
                """
                “\(text)” cannot be a slug: use 1 to 63 lower-case letters, digits and hyphens, \
                with a letter or digit at both ends.
                """)
        }
        let name = try operation.displayName()
        let tenant = Tenant(
            slug: slug, name: name?.text ?? text,
            registrationIsOpen: operation.text("registration") == "open",
            explainsErrors: operation.arguments["explain_errors"]?.bool ?? false,
            at: setting.occasion.now)
        guard
            let created = try await setting.gatehouse.tenants.create(tenant, on: setting.occasion)
        else { throw OperationError(.conflict, "There is a tenant “\(text)” already.") }
        return created.shown(setting.addresses)
    }

    private func update() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let name = try operation.displayName()
        let registration = operation.text("registration")
        let explainsErrors = operation.arguments["explain_errors"]?.bool
        let disabled = operation.arguments["disabled"]?.bool
        let origins = try allowedOrigins()
        let primary = try await primaryAddress(of: tenant)
        let now = setting.occasion.now
        let outcome = try await setting.gatehouse.tenants.update(
            tenant.slug, on: setting.occasion
        ) { [setting] tenant in
            setting.edit(&tenant, shown: { $0.shown(setting.addresses) }) { tenant in
                if let name { tenant.name = name.text }
                if let registration { tenant.registrationIsOpen = registration == "open" }
                if let origins { tenant.allowedOrigins = origins }
                primary?.apply(to: &tenant)
                if let explainsErrors { tenant.explainsErrors = explainsErrors }
                if let disabled { tenant.disabledAt = disabled ? tenant.disabledAt ?? now : nil }
            }
        }
        return try outcome.record(or: "There is no tenant “\(tenant.slug.text)”.")
            .shown(setting.addresses)
    }

    private func allowedOrigins() throws(OperationError) -> [WebOrigin]? {
        guard let texts = operation.arguments["allowed_origins"]?.strings else { return nil }
        var origins: [WebOrigin] = []
        for text in texts where !text.isEmpty {
            guard let origin = WebOrigin(parsing: text) else {
                throw OperationError(
                    .wrongUse,
                    "“\(text)” is not an origin as browsers write it, such as https://app.example.com."
                )
            }
            origins.append(origin)
        }
        return origins
    }

    /// The address that a tenant is to be known by.
    private enum PrimaryAddress: Sendable {
        case path
        case host(HostName)

        func apply(to tenant: inout Tenant) {
            switch self {
            case .path: tenant.primaryHost = nil
            case .host(let host): tenant.primaryHost = host
            }
        }
    }

    private func primaryAddress(of tenant: Tenant) async throws -> PrimaryAddress? {
        guard let text = operation.text("primary_address") else { return nil }
        if text == "path" { return .path }
        let hosts = try await setting.gatehouse.domains.list(in: tenant.id)
            .filter { $0.verifiedAt != nil }.map(\.host)
        let own = setting.addresses.host(of: tenant)
        guard let host = (hosts + [own].compactMap(\.self)).first(where: { $0.text == text }) else {
            throw OperationError(
                .notFound,
                """
                “\(tenant.slug.text)” does not answer at “\(text)”. Give “path”, or a host that \
                `gatehouse domain list` shows as in use.
                """)
        }
        return .host(host)
    }
}
