package import GatehouseSQL
private import Synchronization

/// Records what happens on the hottest paths and leaves no row of its own there: that a secret or
/// an API key was used, that a token was issued to a client for itself, how much a client is used.
///
/// It is written in batches, at most a second behind; a crash loses that second of it, and nothing
/// else.
package final class UsageRecorder: Sendable {
    /// That something of a tenant was used.
    private struct Use<Record: Identified>: Hashable, Sendable {
        let tenant: Tenant.ID
        let id: Identifier<Record>
    }
    /// Something of which one counts how often it is done.
    private struct UseOfClient: Hashable, Sendable {
        let tenant: Tenant.ID
        let use: ClientUse

        /// What everybody sorts by who counts: those who write at the same time do not block each
        /// other then.
        var order: [String] {
            [tenant.text, use.client.text, use.kind.rawValue, use.target]
        }
    }
    private struct Batch: Sendable {
        var secrets: [Use<ClientSecret>: Timestamp] = [:]
        var keys: [Use<APIKey>: Timestamp] = [:]
        var administratorKeys: [Use<AdministratorKey>: Timestamp] = [:]
        var clients: [UseOfClient: Int64] = [:]
        var events: [(tenant: Tenant.ID, event: Event, occasion: Occasion)] = []

        var isEmpty: Bool {
            secrets.isEmpty && keys.isEmpty && administratorKeys.isEmpty && clients.isEmpty
                && events.isEmpty
        }
    }

    /// The most events kept between two batches.
    ///
    /// While the database is away more of them are lost, and the memory is not filled.
    private static let limit = 20_000

    /// How many events, and how many counts, one transaction writes, so that nobody waits long behind
    /// it.
    private static let group = 500

    private let batch = Mutex(Batch())

    package init() {}

    package func record(secret: ClientSecret.ID, of tenant: Tenant.ID, at now: Timestamp) {
        batch.withLock { $0.secrets[Use(tenant: tenant, id: secret)] = now }
    }

    func record(apiKey: APIKey.ID, of tenant: Tenant.ID, at now: Timestamp) {
        batch.withLock { $0.keys[Use(tenant: tenant, id: apiKey)] = now }
    }

    func record(
        administratorKey: AdministratorKey.ID, of tenant: Tenant.ID, at now: Timestamp
    ) {
        batch.withLock { $0.administratorKeys[Use(tenant: tenant, id: administratorKey)] = now }
    }

    package func record(_ uses: [ClientUse], of tenant: Tenant.ID) {
        batch.withLock { batch in
            for use in uses {
                let counted = UseOfClient(tenant: tenant, use: use)
                guard batch.clients.count < Self.limit || batch.clients[counted] != nil else {
                    return
                }
                batch.clients[counted, default: 0] += 1
            }
        }
    }

    package func record(_ event: Event, of tenant: Tenant.ID, on occasion: Occasion) {
        batch.withLock { batch in
            guard batch.events.count < Self.limit else { return }
            batch.events.append((tenant, event, occasion))
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
        guard !due.isEmpty else { return }
        var rest = due
        do {
            while !rest.isEmpty {
                var part = rest
                part.events = Array(rest.events.prefix(Self.group))
                part.clients = [:]
                for (use, count) in rest.clients.prefix(Self.group) { part.clients[use] = count }
                try await write(part, to: database)
                rest.secrets = [:]
                rest.keys = [:]
                rest.administratorKeys = [:]
                for use in part.clients.keys { rest.clients[use] = nil }
                rest.events.removeFirst(part.events.count)
            }
        } catch {
            // The database is away: what is not written yet waits for the next time.
            batch.withLock { [rest] batch in
                batch.secrets.merge(rest.secrets) { newer, _ in newer }
                batch.keys.merge(rest.keys) { newer, _ in newer }
                batch.administratorKeys.merge(rest.administratorKeys) { newer, _ in newer }
                batch.clients.merge(rest.clients, uniquingKeysWith: +)
                batch.events.insert(
                    contentsOf: rest.events.suffix(max(0, Self.limit - batch.events.count)), at: 0)
            }
            throw error
        }
    }

    private func write(_ due: Batch, to database: any Database) async throws {
        let secrets = due.secrets.map { (use: $0.key, moment: $0.value) }
        let keys = due.keys.map { (use: $0.key, moment: $0.value) }
        let administratorKeys = due.administratorKeys.map { (use: $0.key, moment: $0.value) }
        let clients = due.clients.sorted { $0.key.order.lexicographicallyPrecedes($1.key.order) }
        let events = due.events
        try await database.write { transaction in
            for (use, moment) in secrets {
                try transaction.records(of: use.tenant).clients
                    .touchSecret(use.id, at: moment)
            }
            for (use, moment) in keys {
                try transaction.records(of: use.tenant).apiKeys.touch(use.id, at: moment)
            }
            for (use, moment) in administratorKeys {
                try transaction.records(of: use.tenant).administratorKeys
                    .touch(use.id, at: moment)
            }
            for (counted, count) in clients {
                try transaction.records(of: counted.tenant).clientUses.add(counted.use, count)
            }
            for (tenant, event, occasion) in events {
                try transaction.records(of: tenant).events.append(event, on: occasion)
            }
        }
    }
}
