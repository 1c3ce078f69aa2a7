@testable import GatehouseCore

// Changes by whoever looked at nothing before, and keeps no difference: what most tests need.

extension Change {
    /// What it became; nil if it did not.
    var record: Record? { if case .changed(let record) = self { record } else { nil } }
}

extension AdministerUsers {
    func update(
        _ id: User.ID, password: Password?, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout User) -> Void
    ) async throws -> Change {
        try await update(id, password: password, in: tenant, on: occasion) { user -> Edit in
            change(&user)
            return .made(difference: nil)
        }
    }
}

extension AdministerClients {
    func update(
        _ id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Client) -> Void
    ) async throws -> Client? {
        try await update(id, in: tenant, on: occasion) { client -> Edit in
            change(&client)
            return .made(difference: nil)
        }.record
    }
}

extension AdministerTenants {
    func update(
        _ slug: Slug, on occasion: Occasion, _ change: @escaping @Sendable (inout Tenant) -> Void
    ) async throws -> Tenant? {
        try await update(slug, on: occasion) { tenant -> Edit in
            change(&tenant)
            return .made(difference: nil)
        }.record
    }
}
