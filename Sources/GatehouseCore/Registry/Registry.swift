import GatehouseJOSE
package import GatehouseProtocol
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
        try await find(at: now) {
            $0.tenant(slug)
        } reading: {
            try $0.tenants.find(slug)
        } keeping: {
            $0.keep($1, asOf: $2)
        }
    }

    /// The tenant that has a host of its own.
    package func tenant(at host: HostName, at now: Timestamp) async throws -> Tenant? {
        try await find(at: now) {
            $0.tenant(at: host)
        } reading: { transaction in
            try transaction.tenantDomains.tenant(at: host).flatMap(transaction.tenants.find)
        } keeping: {
            $0.keep($1, at: host, asOf: $2)
        }
    }

    package func client(
        _ id: Client.ID, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> RegisteredClient? {
        try await find(at: now) {
            $0.client(id, of: tenant)
        } reading: { transaction in
            let clients = transaction.records(of: tenant).clients
            return try clients.find(id).map { client in
                RegisteredClient(client, secrets: try clients.secrets(of: id))
            }
        } keeping: {
            $0.keep($1, of: tenant, asOf: $2)
        }
    }

    /// The origins of the redirect URIs of a tenant's clients that run in browsers.
    func browserOrigins(of tenant: Tenant.ID, at now: Timestamp) async throws -> [String] {
        try await find(at: now) {
            $0.browserOrigins(of: tenant)
        } reading: { transaction in
            try transaction.records(of: tenant).clients.allInBrowsers()
                .flatMap { $0.redirectURIs.map(\.formTarget) }
        } keeping: {
            $0.keep(browserOrigins: $1, of: tenant, asOf: $2)
        } ?? []
    }

    /// The resources of a tenant.
    package func resources(of tenant: Tenant.ID, at now: Timestamp) async throws -> Resources {
        try await find(at: now) {
            $0.resources(of: tenant)
        } reading: { transaction in
            Resources(try transaction.records(of: tenant).resources.all())
        } keeping: {
            $0.keep($1, of: tenant, asOf: $2)
        } ?? Resources([])
    }

    /// What the names of people are made with that only one sector knows; nil if there is none yet.
    func pairwiseSubjects(
        of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> PairwiseSubjects? {
        try await find(at: now) {
            $0.pairwiseSubjects(of: tenant)
        } reading: { [instanceKey] transaction in
            try transaction.records(of: tenant).pairwiseSecrets.find(openedWith: instanceKey)
        } keeping: {
            $0.keep($1, of: tenant, asOf: $2)
        }
    }

    /// The keys of a tenant.
    package func keys(of tenant: Tenant.ID, at now: Timestamp) async throws -> TenantKeys {
        let keys = try await find(at: now) {
            $0.keys(of: tenant, at: now)
        } reading: { [instanceKey] transaction in
            try TenantKeys(
                transaction.records(of: tenant).signingKeys.all(), of: tenant,
                sealedWith: instanceKey, at: now)
        } keeping: {
            $0.keep($1, of: tenant, asOf: $2)
        }
        return try keys ?? TenantKeys([], of: tenant, sealedWith: instanceKey, at: now)
    }

    /// The keys of a tenant that is to sign with an algorithm now.
    func keys(
        of tenant: Tenant.ID, signingWith algorithm: Algorithm, at now: Timestamp
    ) async throws -> TenantKeys {
        let usable = try await lookingTwice(at: now) { () -> TenantKeys? in
            let known = try await keys(of: tenant, at: now)
            return known.algorithms.contains(algorithm) ? known : nil
        }
        if let usable { return usable }
        return try await keys(of: tenant, at: now)
    }

    /// Looks, and before it is said that there is nothing, confirms what is known and looks again.
    ///
    /// Another node may have added a secret or a key, or enabled a client, a moment ago.
    func lookingTwice<Value: Sendable>(
        at now: Timestamp, _ look: () async throws -> Value?
    ) async throws -> Value? {
        if let found = try await look() { return found }
        try await confirm(at: now)
        return try await look()
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

    /// A tenant as ``tenant(at:at:)`` tells it, or as it was a while ago if the database is away.
    package func publishedTenant(at host: HostName, at now: Timestamp) async throws -> Tenant? {
        do {
            return try await tenant(at: host, at: now)
        } catch let error as DatabaseError where error.isTemporary {
            return try lastKnown(at: now, { $0.tenant(at: host) }, orElse: error)
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

    /// The resources as ``resources(of:at:)`` tells them, or as they were a while ago if the database
    /// is away.
    package func publishedResources(
        of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> Resources {
        do {
            return try await resources(of: tenant, at: now)
        } catch let error as DatabaseError where error.isTemporary {
            return try lastKnown(at: now, { $0.resources(of: tenant) }, orElse: error)
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

    /// What is known, or else is read now and kept as of the epoch of the reading.
    private func find<Value: Sendable>(
        at now: Timestamp, _ look: (inout Holdings) -> Value?,
        reading read: @escaping @Sendable (Transaction) throws -> Value?,
        keeping keep: (inout Holdings, Value, Int64) -> Void
    ) async throws -> Value? {
        if let known = try await known(at: now, look) { return known }
        let (epoch, found) = try await database.read { transaction in
            (try transaction.epochs.current(), try read(transaction))
        }
        if let found { holdings.withLock { keep(&$0, found, epoch) } }
        return found
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
