private import GatehouseJOSE
package import GatehouseSQL

/// What is done to tenants: made, changed, deleted.
package struct AdministerTenants: Sendable {
    let database: any Database
    let keys: ManageKeys

    package init(database: any Database, keys: ManageKeys) {
        self.database = database
        self.keys = keys
    }

    /// Adds a tenant and the keys that it signs with.
    ///
    /// Nil if the slug is taken.
    package func create(_ tenant: Tenant, on occasion: Occasion) async throws -> Tenant? {
        // RSA keys take a while to make, so they are made before the transaction.
        let signingKeys = try [Algorithm.rs256, .es256].map {
            try keys.make($0, of: tenant.id, activatesAt: occasion.now, at: occasion.now)
        }
        let isNew = try await keys.registry.change { transaction in
            guard try transaction.tenants.insert(tenant) else { return false }
            let records = transaction.records(of: tenant.id)
            for key in signingKeys { try records.signingKeys.insert(key) }
            try records.events.append(
                Event(
                    .tenantCreated, by: occasion.operator, of: tenant.id.text,
                    detail: [("slug", tenant.slug.text)]),
                on: occasion)
            return true
        }
        return isNew ? tenant : nil
    }

    package func find(_ slug: Slug) async throws -> Tenant? {
        try await database.read { try $0.tenants.find(slug) }
    }

    package func list() async throws -> [Tenant] {
        try await database.read { try $0.tenants.all() }
    }

    /// Changes a tenant.
    ///
    /// Nil if there is none of that name.
    package func update(
        _ slug: Slug, on occasion: Occasion, _ change: @escaping @Sendable (inout Tenant) -> Void
    ) async throws -> Tenant? {
        try await keys.registry.change { transaction in
            guard try transaction.tenants.hold(slug),
                var tenant = try transaction.tenants.find(slug)
            else { return nil }
            change(&tenant)
            try transaction.tenants.update(tenant)
            try transaction.records(of: tenant.id).events.append(
                Event(.tenantUpdated, by: occasion.operator, of: tenant.id.text), on: occasion)
            return tenant
        }
    }

    /// Deletes a tenant with its users, clients, keys and sessions.
    ///
    /// False if there is none.
    package func delete(_ slug: Slug, on occasion: Occasion) async throws -> Bool {
        try await keys.registry.change { transaction in
            guard let tenant = try transaction.tenants.find(slug) else { return false }
            try transaction.tenants.delete(tenant.id)
            try transaction.records(of: tenant.id).events.append(
                Event(
                    .tenantDeleted, by: occasion.operator, of: tenant.id.text,
                    detail: [("slug", slug.text)]),
                on: occasion)
            return true
        }
    }
}
