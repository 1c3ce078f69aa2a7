import GatehouseSQL

/// What a tenant's limits are, and how they are changed.
package struct AdministerLimits: Sendable {
    let database: any Database

    /// The limits of a tenant, in their order.
    package func list(of tenant: Tenant.ID) async throws -> [Limit] {
        let limits = try await database.read { try $0.records(of: tenant).limits.all() }
        return Limit.Name.allCases.map { limits[$0] ?? $0.standard }
    }

    /// Sets a limit, which holds for the very next attempt.
    package func set(
        _ limit: Limit, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            try records.limits.set(limit)
            try records.events.append(Self.event(limit, by: occasion.operator), on: occasion)
        }
    }

    /// Goes back to the standard limit.
    package func reset(
        _ name: Limit.Name, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            try records.limits.reset(name)
            try records.events.append(
                Self.event(name.standard, by: occasion.operator), on: occasion)
        }
    }

    private static func event(_ limit: Limit, by actor: Event.Actor) -> Event {
        Event(
            .limitChanged, by: actor, of: limit.name.rawValue,
            detail: [
                ("allowed", String(limit.allowed)), ("seconds", String(limit.span.seconds)),
            ])
    }
}
