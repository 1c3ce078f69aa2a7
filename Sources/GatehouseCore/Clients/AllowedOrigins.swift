private import GatehouseProtocol
private import GatehouseEncoding
package import GatehouseSQL

/// The origins whose pages may call a tenant's endpoints from a browser: those of the redirect URIs
/// of its clients that run in browsers.
package struct AllowedOrigins: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// True if a live client registered the origin, byte for byte.
    package func contains(_ origin: String, of tenant: Tenant.ID) async throws -> Bool {
        let clients = try await database.read { transaction in
            try transaction.records(of: tenant).clients.allInBrowsers()
        }
        return clients.contains { client in
            client.redirectURIs.contains { $0.formTarget.isExactly(origin) }
        }
    }
}
