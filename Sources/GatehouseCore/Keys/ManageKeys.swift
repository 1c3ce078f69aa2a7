private import GatehouseEncoding
package import GatehouseJOSE
package import GatehouseSQL

/// Makes, rotates and removes the signing keys of a tenant.
package struct ManageKeys: Sendable {
    let database: any Database
    let instanceKey: InstanceKey
    let registry: Registry

    package init(database: any Database, instanceKey: InstanceKey, registry: Registry) {
        self.database = database
        self.instanceKey = instanceKey
        self.registry = registry
    }

    /// When a new key begins to sign.
    package enum Start: Sendable {
        /// Once everyone who caches the key set has it.
        case afterLeadTime
        /// At once: verifiers that meet an unknown key fetch the set again.
        case atOnce
    }

    /// Makes a key that replaces the tenant's key of the same algorithm, if there is one.
    package func rotate(
        _ algorithm: Algorithm, of tenant: Tenant.ID, start: Start, on occasion: Occasion
    ) async throws -> TenantKey {
        let activation = start == .atOnce ? occasion.now : occasion.now + TenantKey.leadTime
        let key = try make(algorithm, of: tenant, activatesAt: activation, at: occasion.now)
        try await registry.change { transaction in
            let records = transaction.records(of: tenant)
            try records.signingKeys.insert(key)
            try records.signingKeys.retire(algorithm, except: key.id, at: activation)
            try records.events.append(
                Event(
                    .keyRotated, by: occasion.operator, of: key.id,
                    detail: [("algorithm", algorithm.name)]),
                on: occasion)
        }
        return key
    }

    /// Makes a key and seals it, to be recorded.
    func make(
        _ algorithm: Algorithm, of tenant: Tenant.ID, activatesAt: Timestamp, at now: Timestamp
    ) throws -> TenantKey {
        try TenantKey(
            SigningKey(generating: algorithm), sealedFor: tenant, with: instanceKey,
            activatesAt: activatesAt, at: now)
    }

    /// The keys of a tenant with what each is for.
    package func list(of tenant: Tenant.ID) async throws -> [TenantKey] {
        try await database.read { try $0.records(of: tenant).signingKeys.all() }
    }

    /// Makes sure that the tenant can sign with an algorithm.
    package func ensure(
        _ algorithm: Algorithm, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        let known = try await registry.keys(of: tenant, at: occasion.now)
        guard !known.algorithms.contains(algorithm) else { return }
        _ = try await rotate(algorithm, of: tenant, start: .atOnce, on: occasion)
    }

    /// Removes a key at once, as after its theft, and sees to it that the tenant can sign with the
    /// algorithm now and later.
    ///
    /// False if there is no such key.
    package func delete(
        _ id: String, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        let now = occasion.now
        let all = try await list(of: tenant)
        guard let key = all.first(where: { $0.id.isExactly(id) }) else { return false }
        let others = all.filter { $0.algorithm == key.algorithm && $0.id != key.id }
        let signing = others.last { $0.state(at: now) == .active }
        let hasFuture = others.contains { $0.retiresAt == nil }
        let successor =
            signing == nil
            ? try make(key.algorithm, of: tenant, activatesAt: now, at: now) : nil
        return try await registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.signingKeys.delete(id) else { return false }
            if let successor {
                try records.signingKeys.insert(successor)
            } else if let signing, !hasFuture {
                try records.signingKeys.keep(signing.id)
            }
            try records.events.append(
                Event(.keyDeleted, by: occasion.operator, of: id), on: occasion)
            return true
        }
    }
}
