package import GatehouseSQL
private import Synchronization

/// Keeps what was refused, and finds it again.
///
/// It is written in batches, at most a second behind. Strangers can have as much refused as they
/// like, so only so many of a tenant are kept in a minute, on each node: a flood fills no disk.
package final class RefusedRequests: Sendable {
    private struct Batch: Sendable {
        var requests: [(tenant: Tenant.ID, request: RefusedRequest)] = []
        var counts: [Tenant.ID: Int] = [:]
        var countedSince = Timestamp(seconds: 0)
    }

    /// How many are kept in a minute: of one tenant, and of all of them.
    static let mostOfTenant = 60
    private static let mostOfAll = 2_000
    private static let span = Lifetime.minutes(1)

    private let database: any Database
    private let batch = Mutex(Batch())

    package init(database: any Database) {
        self.database = database
    }

    func record(_ request: RefusedRequest, of tenant: Tenant.ID) {
        batch.withLock { batch in
            if batch.countedSince + Self.span <= request.occurredAt
                || request.occurredAt < batch.countedSince
            {
                batch.counts = [:]
                batch.countedSince = request.occurredAt
            }
            let count = batch.counts[tenant, default: 0]
            guard count < Self.mostOfTenant, batch.requests.count < Self.mostOfAll else { return }
            batch.counts[tenant] = count + 1
            batch.requests.append((tenant, request))
        }
    }

    /// Writes what was refused since the last time.
    package func flush() async throws {
        let due = batch.withLock { batch in
            let due = batch.requests
            batch.requests = []
            return due
        }
        guard !due.isEmpty else { return }
        try await database.write { transaction in
            for (tenant, refused) in Dictionary(grouping: due, by: \.tenant)
            where try transaction.tenants.find(tenant) != nil {
                let records = transaction.records(of: tenant).refusedRequests
                for (_, request) in refused { try records.insert(request) }
            }
        }
    }

    /// The request of an incident; nil if none is kept.
    package func find(
        _ incident: String, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> RefusedRequest? {
        let found = try await database.read {
            try $0.records(of: tenant).refusedRequests.find(incident)
        }
        return found.flatMap { now < $0.occurredAt + RefusedRequest.lifetime ? $0 : nil }
    }

    /// The latest, newest first.
    package func latest(
        of client: Client.ID?, in tenant: Tenant.ID, limit: Int, at now: Timestamp
    ) async throws -> [RefusedRequest] {
        try await database.read {
            try $0.records(of: tenant).refusedRequests.latest(of: client, limit: limit)
        }.filter { now < $0.occurredAt + RefusedRequest.lifetime }
    }
}
