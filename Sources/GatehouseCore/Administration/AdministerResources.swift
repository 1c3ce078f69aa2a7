private import GatehouseProtocol
package import GatehouseSQL

/// What is done to resources: made, changed, deleted.
package struct AdministerResources: Sendable {
    let database: any Database
    let keys: ManageKeys

    package init(database: any Database, keys: ManageKeys) {
        self.database = database
        self.keys = keys
    }

    /// Adds a resource.
    ///
    /// False if there is one of that indicator already.
    package func create(
        _ resource: Resource, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await ensureKey(for: resource, of: tenant, on: occasion)
        return try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.resources.insert(resource) else { return false }
            try records.events.append(
                Event(.resourceCreated, by: occasion.operator, of: resource.id.text),
                on: occasion)
            return true
        }
    }

    /// Makes sure that the tenant can sign what the resource wants.
    private func ensureKey(
        for resource: Resource, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        guard let algorithm = resource.policies.algorithm else { return }
        try await keys.ensure(algorithm, of: tenant, on: occasion)
    }

    package func find(_ id: Resource.ID, in tenant: Tenant.ID) async throws -> Resource? {
        try await database.read { try $0.records(of: tenant).resources.find(id) }
    }

    package func list(in tenant: Tenant.ID) async throws -> [Resource] {
        try await database.read { try $0.records(of: tenant).resources.all() }
    }

    /// Changes a resource.
    package func update(
        _ id: Resource.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Resource) -> Edit
    ) async throws -> Change<Resource> {
        // The key first: a resource must never ask for an algorithm that nothing can sign with.
        if var trial = try await find(id, in: tenant) {
            guard change(&trial) != .outdated else { return .outdated }
            try await ensureKey(for: trial, of: tenant, on: occasion)
        }
        return try await keys.registry.change { transaction -> Change<Resource> in
            let records = transaction.records(of: tenant)
            guard try records.resources.hold(id), var resource = try records.resources.find(id)
            else { return .notFound }
            let edit = change(&resource)
            guard edit != .outdated else { return .outdated }
            resource.updatedAt = occasion.now
            try records.resources.update(resource)
            try records.events.append(
                Event(
                    .resourceUpdated, by: occasion.operator, of: id.text, detail: edit.detail),
                on: occasion)
            return .changed(resource)
        }
    }

    /// Deletes a resource, and revokes every grant that is for it.
    ///
    /// False if there is none.
    package func delete(
        _ resource: Resource, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.resources.delete(resource.id) else { return false }
            try records.grants.revokeAll(for: resource.indicator, at: occasion.now)
            try records.consents.forgetAll(at: resource.indicator)
            try records.events.append(
                Event(
                    .resourceDeleted, by: occasion.operator, of: resource.id.text,
                    detail: [("identifier", resource.indicator.text)]),
                on: occasion)
            return true
        }
    }
}
