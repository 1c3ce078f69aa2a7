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

    package func find(_ id: Tenant.ID) async throws -> Tenant? {
        try await database.read { try $0.tenants.find(id) }
    }

    package func list(after slug: Slug? = nil, limit: Int = 100) async throws -> [Tenant] {
        try await database.read { try $0.tenants.list(after: slug, limit: limit) }
    }

    /// Changes a tenant.
    ///
    package func update(
        _ slug: Slug, on occasion: Occasion, _ change: @escaping @Sendable (inout Tenant) -> Edit
    ) async throws -> Change<Tenant> {
        try await keys.registry.change { transaction in
            guard try transaction.tenants.hold(slug),
                var tenant = try transaction.tenants.find(slug)
            else { return .notFound }
            let edit = change(&tenant)
            guard edit != .outdated else { return .outdated }
            try transaction.tenants.update(tenant)
            try transaction.records(of: tenant.id).events.append(
                Event(
                    .tenantUpdated, by: occasion.operator, of: tenant.id.text,
                    detail: edit.detail),
                on: occasion)
            return .changed(tenant)
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
