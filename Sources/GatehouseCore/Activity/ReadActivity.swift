import GatehouseSQL

/// Tells how much happens at a tenant.
package struct ReadActivity: Sendable {
    let database: any Database

    /// What the first page of a tenant tells.
    package struct OfTenant: Sendable {
        /// The last day, by the hour, the oldest first.
        package let hours: [ActivityCount]
        /// How many people were there in the last day, week and month.
        package let daily: Int64
        package let weekly: Int64
        package let monthly: Int64
        package let users: Int64
        package let clients: Int64
        package let organizations: Int64
        package let refusedRequests: Int64
    }

    package func ofTenant(_ tenant: Tenant.ID, at now: Timestamp) async throws -> OfTenant {
        try await database.read { transaction in
            let records = transaction.records(of: tenant)
            let activity = records.activity
            return OfTenant(
                hours: try activity.hours(since: now - .hours(24)),
                daily: try activity.people(since: now - .days(1)),
                weekly: try activity.people(since: now - .days(7)),
                monthly: try activity.people(since: now - .days(30)),
                users: try records.users.count(), clients: try records.clients.count(),
                organizations: try records.organizations.count(),
                refusedRequests: try records.refusedRequests.count(since: now - .days(1)))
        }
    }

    /// What happened at clients from a moment on, by the day, the oldest first.
    ///
    /// Of a client at which nothing did there is nothing. It is known for ``kept``.
    package func ofClients(
        _ clients: [Client.ID], in tenant: Tenant.ID, since start: Timestamp
    ) async throws -> [Client.ID: [ActivityCount]] {
        try await database.read {
            try $0.records(of: tenant).activity.days(of: clients, since: start)
        }
    }

    /// How long what happened is known.
    package static let kept = ActivityRecords.kept
}
