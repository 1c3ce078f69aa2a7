import GatehouseJOSE
private import GatehouseProtocol
package import GatehouseSQL
private import Synchronization

/// What rarely changes and is asked for in every request: tenants, their clients and their keys,
/// kept in memory for as long as it is known to be true.
///
/// Every change raises the epoch, in the database. Each node asks for the epoch several times a
/// second, and at once when the database tells of a change, and drops what was changed. What was
/// not confirmed within a second is not used: a change on one node is in force on all within that
/// time, and a node that cannot reach the database refuses rather than believe what may be over.
package final class Registry: Sendable {
    let database: any Database
    private let instanceKey: InstanceKey
    private let holdings = Mutex(Holdings())

    /// How old the last confirmation may be.
    static let freshness = Lifetime.seconds(1)

    package init(database: any Database, instanceKey: InstanceKey) {
        self.database = database
        self.instanceKey = instanceKey
    }

    // MARK: Asking

    package func tenant(_ slug: Slug, at now: Timestamp) async throws -> Tenant? {
        if let known = try await known(at: now, { $0.tenant(slug) }) { return known }
        let (epoch, tenant) = try await database.read { transaction in
            (try transaction.epochs.current(), try transaction.tenants.find(slug))
        }
        if let tenant { holdings.withLock { $0.keep(tenant, asOf: epoch) } }
        return tenant
    }

    package func client(
        _ id: Client.ID, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> RegisteredClient? {
        if let known = try await known(at: now, { $0.client(id, of: tenant) }) { return known }
        let (epoch, client) = try await database.read { transaction in
            let clients = transaction.records(of: tenant).clients
            let client = try clients.find(id).map { client in
                RegisteredClient(client, secrets: try clients.secrets(of: id))
            }
            return (try transaction.epochs.current(), client)
        }
        if let client { holdings.withLock { $0.keep(client, of: tenant, asOf: epoch) } }
        return client
    }

    /// The origins of the redirect URIs of a tenant's clients that run in browsers.
    func browserOrigins(of tenant: Tenant.ID, at now: Timestamp) async throws -> [String] {
        if let known = try await known(at: now, { $0.browserOrigins(of: tenant) }) { return known }
        let (epoch, clients) = try await database.read { transaction in
            (
                try transaction.epochs.current(),
                try transaction.records(of: tenant).clients.allInBrowsers()
            )
        }
        let origins = clients.flatMap { $0.redirectURIs.map(\.formTarget) }
        holdings.withLock { $0.keep(browserOrigins: origins, of: tenant, asOf: epoch) }
        return origins
    }

    /// The keys of a tenant.
    package func keys(of tenant: Tenant.ID, at now: Timestamp) async throws -> TenantKeys {
        if let known = try await known(at: now, { $0.keys(of: tenant, at: now) }) { return known }
        let (epoch, records) = try await database.read { transaction in
            (
                try transaction.epochs.current(),
                try transaction.records(of: tenant).signingKeys.all()
            )
        }
        let keys = try TenantKeys(records, of: tenant, sealedWith: instanceKey, at: now)
        holdings.withLock { $0.keep(keys, of: tenant, asOf: epoch) }
        return keys
    }

    /// The keys of a tenant that is to sign with an algorithm now.
    ///
    /// Another node may have made the key a moment ago, so they are read again before it is said
    /// that there is none.
    func keys(
        of tenant: Tenant.ID, signingWith algorithm: Algorithm, at now: Timestamp
    ) async throws -> TenantKeys {
        let known = try await keys(of: tenant, at: now)
        guard !known.algorithms.contains(algorithm) else { return known }
        try await confirm(at: now)
        return try await keys(of: tenant, at: now)
    }

    // MARK: What is published

    /// A tenant as ``tenant(_:at:)`` tells it, or as it was a while ago if the database is away.
    ///
    /// For what is published, and not for what is decided: whoever checks tokens is better off with
    /// the key set of a moment ago than with none. It is never older than what they may keep
    /// themselves.
    package func publishedTenant(_ slug: Slug, at now: Timestamp) async throws -> Tenant? {
        do {
            return try await tenant(slug, at: now)
        } catch let error as DatabaseError where error.isTemporary {
            return try lastKnown(at: now, { $0.tenant(slug) }, orElse: error)
        }
    }

    /// The keys as ``keys(of:at:)`` tells them, or as they were a while ago if the database is away.
    package func publishedKeys(of tenant: Tenant.ID, at now: Timestamp) async throws -> TenantKeys {
        do {
            return try await keys(of: tenant, at: now)
        } catch let error as DatabaseError where error.isTemporary {
            return try lastKnown(at: now, { $0.keys(of: tenant, at: now) }, orElse: error)
        }
    }

    private func lastKnown<Value: Sendable>(
        at now: Timestamp, _ look: (inout Holdings) -> Value?, orElse error: any Error
    ) throws -> Value {
        let known = holdings.withLock { holdings in
            holdings.isConfirmed(at: now, within: TenantKey.cacheLifetime) ? look(&holdings) : nil
        }
        guard let known else { throw error }
        return known
    }

    /// What is known, if it is confirmed or can be confirmed now.
    private func known<Value: Sendable>(
        at now: Timestamp, _ look: (inout Holdings) -> Value?
    ) async throws -> Value? {
        let (isConfirmed, value) = holdings.withLock {
            ($0.isConfirmed(at: now, within: Self.freshness), look(&$0))
        }
        if isConfirmed { return value }
        try await confirm(at: now)
        return holdings.withLock { look(&$0) }
    }

    // MARK: Changing

    /// Makes a change of what is held here, and believes nothing older afterwards.
    package func change<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        defer { holdings.withLock { $0.noteChange() } }
        return try await database.write(body)
    }

    // MARK: Confirming

    /// Asks whether what is held is still true, and drops what is not.
    package func confirm(at now: Timestamp) async throws {
        let (known, changes) = holdings.withLock { ($0.epoch, $0.changes) }
        let (epoch, changed) = try await database.read { transaction in
            let epoch = try transaction.epochs.current()
            let changed = try known.flatMap { known in
                epoch > known ? try transaction.epochs.tenants(changedAfter: known) : []
            }
            return (epoch, changed)
        }
        holdings.withLock { $0.confirm(epoch, changed: changed, asOf: changes, at: now) }
    }
}
