import GatehouseCore
import GatehouseEncoding

/// What commands do to tenants.
struct TenantOperations {
    let operation: Operation
    let setting: Operation.Setting

    func perform() async throws -> JSONValue {
        let tenants = setting.gatehouse.tenants
        switch operation.name {
        case .createTenant: return try await create()
        case .listTenants:
            return .array(try await tenants.list().map { $0.shown(setting.baseURL) })
        case .updateTenant: return try await update()
        case .deleteTenant:
            let tenant = try await operation.tenant(in: setting)
            _ = try await tenants.delete(tenant.slug, on: setting.occasion)
            return ["deleted": .string(tenant.slug.text)]
        default:
            return try await operation.tenant(in: setting).shown(setting.baseURL)
        }
    }

    private func create() async throws -> JSONValue {
        let text = try operation.require("tenant")
        guard let slug = Slug(parsing: text) else {
            throw CommandError(
                .wrongUse,
                """
                “\(text)” cannot be a slug: use 1 to 63 lower-case letters, digits and hyphens, \
                with a letter or digit at both ends.
                """)
        }
        let name = try operation.value(
            "name", "The name must be one line of 1 to 100 visible characters.",
            DisplayName.init(parsing:))
        let tenant = Tenant(
            slug: slug, name: name?.text ?? text,
            registrationIsOpen: operation.text("registration") == "open",
            explainsErrors: operation.arguments["explain_errors"]?.bool ?? false,
            at: setting.occasion.now)
        guard
            let created = try await setting.gatehouse.tenants.create(tenant, on: setting.occasion)
        else { throw CommandError(.conflict, "There is a tenant “\(text)” already.") }
        return created.shown(setting.baseURL)
    }

    private func update() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let name = try operation.value(
            "name", "The name must be one line of 1 to 100 visible characters.",
            DisplayName.init(parsing:))
        let registration = operation.text("registration")
        let explainsErrors = operation.arguments["explain_errors"]?.bool
        let disabled = operation.arguments["disabled"]?.bool
        let now = setting.occasion.now
        let changed = try await setting.gatehouse.tenants.update(
            tenant.slug, on: setting.occasion
        ) { tenant in
            if let name { tenant.name = name.text }
            if let registration { tenant.registrationIsOpen = registration == "open" }
            if let explainsErrors { tenant.explainsErrors = explainsErrors }
            if let disabled { tenant.disabledAt = disabled ? tenant.disabledAt ?? now : nil }
        }
        guard let changed else {
            throw CommandError(.notFound, "There is no tenant “\(tenant.slug.text)”.")
        }
        return changed.shown(setting.baseURL)
    }
}
