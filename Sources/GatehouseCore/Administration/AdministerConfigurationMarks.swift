import GatehouseSQL

/// What configurations manage: listed, marked, and let go of.
package struct AdministerConfigurationMarks: Sendable {
    let database: any Database

    package func list(in tenant: Tenant.ID) async throws -> [ConfigurationMark] {
        try await database.read { try $0.records(of: tenant).configurationMarks.list() }
    }

    package func find(
        _ kind: ConfigurationMark.Kind, _ object: String, in tenant: Tenant.ID
    ) async throws -> ConfigurationMark? {
        try await database.read {
            try $0.records(of: tenant).configurationMarks.find(kind, object)
        }
    }

    /// Marks something; false if the tenant has no such thing.
    package func set(
        _ mark: ConfigurationMark, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.configurationMarks.exists(mark.kind, mark.object) else {
                return false
            }
            try records.mark(mark, on: occasion)
            return true
        }
    }

    /// Lets go of something; false if nothing manages it.
    package func remove(
        _ kind: ConfigurationMark.Kind, _ object: String, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.configurationMarks.remove(kind, object) else { return false }
            try records.events.append(
                Event(.configurationUnmarked, by: occasion.operator, of: object), on: occasion)
            return true
        }
    }
}

extension TenantRecords {
    /// Marks something that is there, and tells of it.
    func mark(_ mark: ConfigurationMark, on occasion: Occasion) throws {
        try configurationMarks.set(mark, at: occasion.now)
        try events.append(
            Event(
                .configurationMarked, by: occasion.operator, of: mark.object,
                detail: [("manager", mark.manager.text), ("name", mark.name.text)]),
            on: occasion)
    }
}
