private import GatehouseEncoding

/// The origins whose pages may call a tenant's endpoints from a browser: those of the redirect URIs
/// of its clients that run in browsers.
package struct AllowedOrigins: Sendable {
    let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    /// True if a live client registered the origin, byte for byte.
    package func contains(
        _ origin: String, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> Bool {
        try await registry.browserOrigins(of: tenant, at: now).contains { $0.isExactly(origin) }
    }
}
