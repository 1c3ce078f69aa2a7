package import GatehouseSQL

/// What is done to clients and their secrets.
package struct AdministerClients: Sendable {
    let database: any Database
    let keys: ManageKeys
    let checkClient: CheckClient

    package init(database: any Database, keys: ManageKeys, outbound: any Outbound) {
        self.database = database
        self.keys = keys
        checkClient = CheckClient(outbound: outbound)
    }

    /// Adds a client, and a secret if it authenticates by one.
    ///
    /// The secret is returned here and never again. The mark says, from the same moment on, which
    /// configuration manages the client.
    ///
    /// - Throws: ``ClientRefusal`` if the registration contradicts itself.
    package func create(
        _ client: Client, in tenant: Tenant.ID, on occasion: Occasion,
        managed mark: ConfigurationMark? = nil
    ) async throws -> Secret? {
        var client = client
        client.settleProfile()
        try await checkClient.check(client, insteadOf: nil, at: occasion.now)
        let pairwise = try PairwiseSecretRecords.sealed(
            for: client, of: tenant, with: keys.instanceKey)
        try await ensureKeys(for: client, of: tenant, on: occasion)
        let secret = client.authentication.needsSecret ? Secret(for: .clientSecret) : nil
        try await keys.registry.change { [client] transaction in
            let records = transaction.records(of: tenant)
            if let pairwise { try records.pairwiseSecrets.insert(pairwise, at: occasion.now) }
            try records.clients.insert(client)
            if let secret {
                try records.clients.add(
                    ClientSecret(secret, at: occasion.now), to: client.id)
            }
            try records.events.append(
                Event(
                    .clientCreated, by: occasion.operator, of: client.id.text,
                    detail: client.forAudit),
                on: occasion)
            if let mark { try records.mark(mark, on: occasion) }
        }
        return secret
    }

    /// Makes sure that the tenant can sign what the client is registered for.
    private func ensureKeys(
        for client: Client, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        let algorithms = [
            client.policies.idTokenAlgorithm, client.policies.accessTokenAlgorithm,
            client.policies.userInfoAlgorithm,
        ]
        for algorithm in algorithms.compactMap(\.self) {
            try await keys.ensure(algorithm, of: tenant, on: occasion)
        }
    }

    package func find(_ id: Client.ID, in tenant: Tenant.ID) async throws -> Client? {
        try await database.read { try $0.records(of: tenant).clients.find(id) }
    }

    package func list(
        in tenant: Tenant.ID, after id: Client.ID? = nil, limit: Int = 100
    ) async throws -> [Client] {
        try await database.read { try $0.records(of: tenant).clients.list(after: id, limit: limit) }
    }

    /// Changes a client; one that proves itself without a secret from now on loses those it had.
    ///
    /// - Throws: ``ClientRefusal`` if the registration would contradict itself.
    package func update(
        _ id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Client) -> Edit
    ) async throws -> Change<Client> {
        // The key first: a client must never ask for an algorithm that nothing can sign with.
        guard let old = try await find(id, in: tenant) else { return .notFound }
        var trial = old
        guard change(&trial) != .outdated else { return .outdated }
        trial.settleProfile()
        try await checkClient.check(trial, insteadOf: old, at: occasion.now)
        try await ensureKeys(for: trial, of: tenant, on: occasion)
        return try await keys.registry.change { [trial] transaction -> Change<Client> in
            let records = transaction.records(of: tenant)
            guard try records.clients.hold(id), let held = try records.clients.find(id) else {
                return .notFound
            }
            var client = held
            let edit = change(&client)
            guard edit != .outdated else { return .outdated }
            client.settleProfile()
            // What was checked is what is written: thrown, because then nothing is to be changed.
            try CheckClient.confirm(client, insteadOf: held, checked: trial)
            client.updatedAt = occasion.now
            try records.clients.update(client)
            if !client.authentication.needsSecret {
                try records.clients.removeSecrets(of: id)
            }
            try records.events.append(
                Event(
                    .clientUpdated, by: occasion.operator, of: id.text,
                    detail: client.forAudit + edit.detail),
                on: occasion)
            return .changed(client)
        }
    }

    /// Deletes a client with its secrets and grants.
    ///
    /// False if there is none.
    package func delete(
        _ id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.clients.delete(id) else { return false }
            try records.events.append(
                Event(.clientDeleted, by: occasion.operator, of: id.text), on: occasion)
            return true
        }
    }

    /// How often a client was used from so many days before today on.
    package func usage(
        of id: Client.ID, in tenant: Tenant.ID, days: Int64, at now: Timestamp
    ) async throws -> ClientUsage {
        try await database.read {
            try $0.records(of: tenant).clientUses.usage(of: id, since: Day(of: now).before(days))
        }
    }

    // MARK: Secrets

    package func secrets(
        of id: Client.ID, in tenant: Tenant.ID
    ) async throws -> [ClientSecret] {
        try await database.read { try $0.records(of: tenant).clients.secrets(of: id) }
    }

    /// Adds one more secret, so that the old one can be replaced without a gap.
    package func addSecret(
        to id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> (record: ClientSecret, secret: Secret) {
        let secret = Secret(for: .clientSecret)
        let record = ClientSecret(secret, at: occasion.now)
        try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            try records.clients.add(record, to: id)
            try records.events.append(
                Event(.clientSecretAdded, by: occasion.operator, of: record.id.text), on: occasion)
        }
        return (record, secret)
    }

    /// Removes a secret at once.
    ///
    /// False if the client has none of that id.
    package func removeSecret(
        _ secret: ClientSecret.ID, of id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.clients.removeSecret(secret, of: id) else { return false }
            try records.events.append(
                Event(.clientSecretRemoved, by: occasion.operator, of: secret.text), on: occasion)
            return true
        }
    }
}

extension Client {
    /// What the audit is told of a client's profile: its name, where it asks for something, and
    /// where the client is let off a default.
    fileprivate var forAudit: [(name: StaticString, value: String)] {
        var detail: [(name: StaticString, value: String)] = []
        if !exceptions.isEmpty {
            detail.append((name: "legacy", value: exceptions.joined(separator: " ")))
        }
        if !policies.profile.demands.isEmpty {
            detail.append((name: "profile", value: policies.profile.rawValue))
        }
        return detail
    }
}
