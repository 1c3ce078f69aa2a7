package import GatehouseSQL
private import Synchronization

/// Records what happens on the hottest paths and leaves no row of its own there: that a secret was
/// used, that a token was issued to a client for itself.
///
/// It is written in batches, at most a second behind; a crash loses that second of it, and nothing
/// else.
package final class UsageRecorder: Sendable {
    private struct SecretUse: Hashable, Sendable {
        let tenant: Tenant.ID
        let secret: ClientSecret.ID
    }
    private struct Batch: Sendable {
        var secrets: [SecretUse: Timestamp] = [:]
        var events: [(tenant: Tenant.ID, event: Event, occasion: Occasion)] = []
    }

    /// The most events kept between two batches; more than this in a second are dropped and
    /// counted, so that a database that is away does not fill the memory.
    private static let limit = 20_000

    private let batch = Mutex(Batch())
    private let dropped = Atomic<Int>(0)

    package init() {}

    package func record(secret: ClientSecret.ID, of tenant: Tenant.ID, at now: Timestamp) {
        batch.withLock { $0.secrets[SecretUse(tenant: tenant, secret: secret)] = now }
    }

    package func record(_ event: Event, of tenant: Tenant.ID, on occasion: Occasion) {
        batch.withLock { batch in
            if batch.events.count < Self.limit {
                batch.events.append((tenant, event, occasion))
            } else {
                dropped.add(1, ordering: .relaxed)
            }
        }
    }

    /// Writes what was recorded since the last time.
    ///
    /// Called once a second, and before the end.
    package func flush(to database: any Database) async throws {
        let due = batch.withLock { batch in
            let due = batch
            batch = Batch()
            return due
        }
        guard !due.secrets.isEmpty || !due.events.isEmpty else { return }
        do {
            try await write(due, to: database)
        } catch {
            // The database is away: what was recorded waits for the next time.
            batch.withLock { batch in
                batch.secrets.merge(due.secrets) { newer, _ in newer }
                batch.events.insert(
                    contentsOf: due.events.suffix(max(0, Self.limit - batch.events.count)), at: 0)
            }
            throw error
        }
    }

    private func write(_ due: Batch, to database: any Database) async throws {
        let secrets = due.secrets.map { (use: $0.key, moment: $0.value) }
        let events = due.events
        // One transaction, so that what fails can be tried again without being written twice.
        try await database.write { transaction in
            for (use, moment) in secrets {
                try transaction.records(of: use.tenant).clients
                    .touchSecret(use.secret, at: moment)
            }
            for (tenant, event, occasion) in events {
                try transaction.records(of: tenant).events.append(event, on: occasion)
            }
        }
    }
}
