private import GatehouseProtocol
package import GatehouseSQL

/// Administrator keys: made, listed, revoked, and believed.
package struct AdministerAdministratorKeys: Sendable {
    let database: any Database
    let usage: UsageRecorder

    package init(database: any Database, usage: UsageRecorder) {
        self.database = database
        self.usage = usage
    }

    /// What became of a key that was to be made.
    package enum Made: Sendable {
        /// The secret is shown here, and never again.
        case made(AdministratorKey, Secret)
        /// There are ``AdministratorKey/limit`` of them.
        case tooMany
    }

    package func create(
        for reach: AdministratorReach, on occasion: Occasion,
        _ make: @escaping @Sendable (Secret) -> AdministratorKey
    ) async throws -> Made {
        let secret = Secret(for: .administratorKey)
        let key = make(secret)
        return try await database.write { transaction in
            let records = transaction.records(of: reach.tenant)
            guard try records.administratorKeys.count() < AdministratorKey.limit else {
                return .tooMany
            }
            try records.administratorKeys.insert(key, digest: secret.digest)
            try records.events.append(
                Event(
                    .administratorKeyCreated, by: occasion.operator, of: key.id.text,
                    detail: [("role", key.role.rawValue)]),
                on: occasion)
            return .made(key, secret)
        }
    }

    package func list(
        for reach: AdministratorReach, after id: AdministratorKey.ID?, limit: Int
    ) async throws -> [AdministratorKey] {
        try await database.read {
            try $0.records(of: reach.tenant).administratorKeys.list(after: id, limit: limit)
        }
    }

    /// Makes a key useless at once; false if there is none of that id.
    package func revoke(
        _ id: AdministratorKey.ID, for reach: AdministratorReach, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: reach.tenant)
            guard try records.administratorKeys.delete(id) else { return false }
            try records.events.append(
                Event(.administratorKeyRevoked, by: occasion.operator, of: id.text),
                on: occasion)
            return true
        }
    }

    /// The key that a secret is; nil if it is none, is over, or its tenant cannot be used.
    package func find(_ secret: Secret, at now: Timestamp) async throws -> AdministratorKey? {
        let digest = secret.digest
        guard let key = try await database.ask({ try $0.administratorKey(digest) }),
            key.expiresAt.map({ now < $0 }) ?? true
        else { return nil }
        usage.record(administratorKey: key.id, of: key.reach.tenant, at: now)
        return key
    }
}
