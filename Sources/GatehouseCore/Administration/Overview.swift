package import GatehouseSQL

/// What an administrator sees first: every tenant with its size, and what happened last.
package struct Overview: Sendable {
    package struct Line: Sendable {
        package let tenant: Tenant
        package let users: Int64
        package let clients: Int64
    }

    package let administrator: User
    package let lines: [Line]
    package let events: [(tenant: Tenant?, event: RecordedEvent)]

    /// Reads the overview for the administrator whom a session proves; nil for anybody else.
    package static func read(
        _ database: any Database, for secret: Secret?, at now: Timestamp
    ) async throws -> Overview? {
        try await database.read { transaction -> Overview? in
            guard let instance = try transaction.tenants.find(Tenant.instance),
                let current = try transaction.records(of: instance.id)
                    .liveSession(secret, in: instance, at: now)
            else { return nil }
            let tenants = try transaction.tenants.all()
            let lines = try tenants.prefix(100).map { tenant in
                let records = transaction.records(of: tenant.id)
                return Line(
                    tenant: tenant, users: try records.users.count(),
                    clients: try records.clients.count())
            }
            let events = try ([nil] + lines.map(\.tenant)).flatMap { tenant in
                try transaction.records(of: tenant?.id ?? Tenant.instance).events.latest(20)
                    .map { (tenant: tenant, event: $0) }
            }
            return Overview(
                administrator: current.user, lines: Array(lines),
                events: Array(events.sorted { $0.event.id.text > $1.event.id.text }.prefix(20)))
        }
    }
}
