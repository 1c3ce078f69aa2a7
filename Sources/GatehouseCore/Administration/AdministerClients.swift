package import GatehouseSQL

/// What is done to clients and their secrets.
package struct AdministerClients: Sendable {
    let database: any Database
    let keys: ManageKeys

    package init(database: any Database, keys: ManageKeys) {
        self.database = database
        self.keys = keys
    }

    /// Adds a client, and a secret if it authenticates by one.
    ///
    /// The secret is returned here and never again.
    package func create(
        _ client: Client, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Secret? {
        try await ensureKeys(for: client, of: tenant, on: occasion)
        let secret = client.authentication.needsSecret ? Secret(for: .clientSecret) : nil
        try await keys.registry.change { transaction in
            let records = transaction.records(of: tenant)
            try records.clients.insert(client)
            if let secret {
                try records.clients.add(
                    ClientSecret(secret, at: occasion.now), to: client.id)
            }
            try records.events.append(
                Event(
                    .clientCreated, by: .operatorAtShell, of: client.id.text,
                    detail: client.exceptions),
                on: occasion)
        }
        return secret
    }

    /// Makes sure that the tenant can sign what the client is registered for.
    private func ensureKeys(
        for client: Client, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        for algorithm in [client.policies.idTokenAlgorithm, client.policies.accessTokenAlgorithm] {
            try await keys.ensure(algorithm, of: tenant, on: occasion)
        }
    }

    package func find(_ id: Client.ID, in tenant: Tenant.ID) async throws -> Client? {
        try await database.read { try $0.records(of: tenant).clients.find(id) }
    }

    package func list(in tenant: Tenant.ID) async throws -> [Client] {
        try await database.read { try $0.records(of: tenant).clients.all() }
    }

    /// Changes a client; one that proves itself without a secret from now on loses those it had.
    ///
    /// Nil if there is none of that id.
    package func update(
        _ id: Client.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Client) -> Void
    ) async throws -> Client? {
        // The key first: a client must never ask for an algorithm that nothing can sign with.
        if var trial = try await find(id, in: tenant) {
            change(&trial)
            try await ensureKeys(for: trial, of: tenant, on: occasion)
        }
        return try await keys.registry.change { transaction -> Client? in
            let records = transaction.records(of: tenant)
            guard try records.clients.hold(id), var client = try records.clients.find(id) else {
                return nil
            }
            change(&client)
            client.updatedAt = occasion.now
            try records.clients.update(client)
            if !client.authentication.needsSecret {
                try records.clients.removeSecrets(of: id)
            }
            try records.events.append(
                Event(
                    .clientUpdated, by: .operatorAtShell, of: id.text, detail: client.exceptions),
                on: occasion)
            return client
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
                Event(.clientDeleted, by: .operatorAtShell, of: id.text), on: occasion)
            return true
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
                Event(.clientSecretAdded, by: .operatorAtShell, of: record.id.text), on: occasion)
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
                Event(.clientSecretRemoved, by: .operatorAtShell, of: secret.text), on: occasion)
            return true
        }
    }
}

extension Client {
    /// Where the client is let off a default that is strict for a reason: for the audit.
    fileprivate var exceptions: [(name: StaticString, value: String)] {
        var exceptions: [String] = []
        if !policies.requiresPKCE { exceptions.append("pkce_not_required") }
        if policies.refreshTokens == .always { exceptions.append("refresh_token_always") }
        if policies.userInfoScope == .registered { exceptions.append("userinfo_registered") }
        guard !exceptions.isEmpty else { return [] }
        let all = exceptions.joined(separator: " ")
        return [(name: "legacy", value: all)]
    }
}
