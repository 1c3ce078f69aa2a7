private import GatehouseEncoding
package import GatehouseJOSE
package import GatehouseSQL
private import Synchronization

/// The signing keys of all tenants, opened and ready to sign.
///
/// Keys are read from the database at most a second ago, so a rotation or removal on one node is
/// in force on all within that time. Opening a key costs a decryption; it is done once for each.
package final class KeyRing: Sendable {
    private let database: any Database
    private let instanceKey: InstanceKey
    private let cache = Mutex<[Tenant.ID: TenantKeys]>([:])

    /// How old the keys in memory may be.
    private static let freshness = Lifetime.seconds(1)

    package init(database: any Database, instanceKey: InstanceKey) {
        self.database = database
        self.instanceKey = instanceKey
    }

    /// The keys of a tenant.
    package func keys(of tenant: Tenant.ID, at now: Timestamp) async throws -> TenantKeys {
        let known = cache.withLock { $0[tenant] }
        if let known, known.loadedAt <= now, now < known.loadedAt + Self.freshness { return known }
        let records = try await database.read { try $0.records(of: tenant).signingKeys.all() }
        let keys = try records.map { record in
            try known?.opened(record.id)
                ?? TenantKeys.OpenKey(record.unsealed(of: tenant, with: instanceKey))
        }
        let loaded = TenantKeys(records: records, keys: keys, at: now)
        cache.withLock { $0[tenant] = loaded }
        return loaded
    }

    /// The keys of a tenant that is to sign with an algorithm now.
    ///
    /// Another node may have made the key a moment ago, so they are read again before it is said
    /// that there is none.
    func keys(
        of tenant: Tenant.ID, signingWith algorithm: Algorithm, at now: Timestamp
    ) async throws -> TenantKeys {
        let known = try await keys(of: tenant, at: now)
        guard !known.algorithms(at: now).contains(algorithm) else { return known }
        forget(tenant)
        return try await keys(of: tenant, at: now)
    }

    /// Drops what is known of a tenant's keys, after this node changed them.
    package func forget(_ tenant: Tenant.ID) {
        cache.withLock { $0[tenant] = nil }
    }
}

/// The keys of one tenant at one moment.
package struct TenantKeys: Sendable {
    /// A key with the headers of its tokens made once.
    struct OpenKey: Sendable {
        let key: SigningKey
        let idTokens: Signer
        let accessTokens: Signer

        init(_ key: SigningKey) {
            self.key = key
            idTokens = Signer(key, type: .jwt)
            accessTokens = Signer(key, type: .accessToken)
        }
    }

    let loadedAt: Timestamp
    private let records: [TenantKey]
    private let keys: [OpenKey]
    /// Every key that tokens are verified with.
    package let published: JSONWebKeySet
    /// The key set as it is published (RFC 7517 §5).
    package let document: [UInt8]

    init(records: [TenantKey], keys: [OpenKey], at now: Timestamp) {
        loadedAt = now
        self.records = records
        self.keys = keys
        published = JSONWebKeySet(
            zip(records, keys).filter { $0.0.state(at: now) != .removed }.map(\.1.key.publicKey))
        document = published.jsonObject.serialized()
    }

    func opened(_ id: String) -> OpenKey? {
        records.firstIndex { $0.id.isExactly(id) }.map { keys[$0] }
    }

    /// The algorithms that some key can sign with now, in the order of the vocabulary.
    package func algorithms(at now: Timestamp) -> [Algorithm] {
        Algorithm.allCases.filter { active($0, at: now) != nil }
    }

    package func idTokenSigner(_ algorithm: Algorithm, at now: Timestamp) throws -> Signer {
        try require(algorithm, at: now).idTokens
    }

    package func accessTokenSigner(_ algorithm: Algorithm, at now: Timestamp) throws -> Signer {
        try require(algorithm, at: now).accessTokens
    }

    private func require(_ algorithm: Algorithm, at now: Timestamp) throws -> OpenKey {
        guard let key = active(algorithm, at: now) else {
            throw MissingSigningKey(algorithm: algorithm)
        }
        return key
    }

    /// The key that became active last.
    private func active(_ algorithm: Algorithm, at now: Timestamp) -> OpenKey? {
        records.lastIndex { $0.algorithm == algorithm && $0.state(at: now) == .active }
            .map { keys[$0] }
    }
}

/// A tenant has no key for an algorithm that one of its clients is registered with.
package struct MissingSigningKey: Error, Sendable {
    package let algorithm: Algorithm
}
