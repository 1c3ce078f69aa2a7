private import GatehouseEncoding
private import GatehouseProtocol

/// The origins whose pages may call a tenant's endpoints from a browser: those of the redirect URIs
/// of its clients that run in browsers, and those that its administrator added.
package struct AllowedOrigins: Sendable {
    let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    /// True if the tenant or a live client of it has the origin, byte for byte.
    package func contains(
        _ origin: String, of tenant: Tenant, at now: Timestamp
    ) async throws -> Bool {
        if tenant.allowedOrigins.contains(where: { $0.text.isExactly(origin) }) { return true }
        return try await registry.browserOrigins(of: tenant.id, at: now)
            .contains { $0.isExactly(origin) }
    }
}
