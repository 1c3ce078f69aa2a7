package import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// Lets a client that registered itself read, replace and end its registration (RFC 7592).
package struct ManageRegistration: Sendable {
    let registry: Registry
    let failures: FailureLimits
    let checkRegistration: CheckRegistration
    let publishedLogos: PublishedLogos

    /// The members that a request to change must not hold (RFC 7592 §2.2).
    private static let answered = [
        "registration_access_token", "registration_client_uri", "client_secret_expires_at",
        "client_id_issued_at",
    ]

    /// What the client is registered as.
    package func read(
        _ id: Client.ID, presenting token: String?, at tenant: Tenant, through issuer: Issuer,
        on occasion: Occasion
    ) async throws -> ClientInformation {
        let (client, token) = try await managed(id, by: token, at: tenant, on: occasion)
        return ClientInformation(
            client: client, token: token, address: issuer.configurationURL(of: id))
    }

    /// Replaces the registration as a whole, by the rules of this moment, and the token with it.
    ///
    /// Of two who bring the same token at once one succeeds.
    package func replace(
        _ id: Client.ID, by json: JSONObject, presenting token: String?, at tenant: Tenant,
        through issuer: Issuer, on occasion: Occasion
    ) async throws -> ClientInformation {
        let (known, token) = try await managed(id, by: token, at: tenant, on: occasion)
        try await check(json, of: known, at: tenant)
        let metadata = try ClientMetadata(json, from: .request)
        let rules = RegistrationRules(
            of: tenant, limits: known.registration.limits,
            resources: try await registry.resources(of: tenant.id, at: occasion.now),
            algorithms: try await registry.keys(of: tenant.id, at: occasion.now).algorithms,
            mutualTLS: checkRegistration.mutualTLS, source: .request)
        var trial = known
        try rules.apply(metadata, to: &trial)
        _ = try await checkRegistration.check(
            trial, saying: metadata, insteadOf: known, at: tenant, through: issuer, on: occasion)
        let replacement = Replacement(
            id: id, rules: rules, metadata: metadata, trial: trial, token: token,
            newToken: Secret(for: .registrationAccessToken),
            newSecret: Secret(for: .clientSecret), occasion: occasion)
        let changed = try await registry.change { transaction in
            try replacement.commit(in: transaction.records(of: tenant.id))
        }
        guard let changed else { throw RegisterClient.unusable }
        publishedLogos.fetch(
            of: changed.client, at: tenant.id, through: issuer, on: occasion)
        return ClientInformation(
            client: changed.client, secret: changed.getsSecret ? replacement.newSecret : nil,
            token: replacement.newToken, address: issuer.configurationURL(of: id))
    }

    /// Ends the registration, and with it every grant and token of the client.
    package func end(
        _ id: Client.ID, presenting token: String?, at tenant: Tenant, on occasion: Occasion
    ) async throws {
        let (_, token) = try await managed(id, by: token, at: tenant, on: occasion)
        let isEnded = try await registry.change { transaction in
            let records = transaction.records(of: tenant.id)
            guard try records.registrations.isManaged(id, by: token.digest),
                try records.clients.delete(id)
            else { return false }
            try records.events.append(
                Event(.clientDeleted, by: .client(id), of: id.text), on: occasion)
            return true
        }
        guard isEnded else { throw RegisterClient.unusable }
    }

    /// The client that the token manages, if it may act.
    private func managed(
        _ id: Client.ID, by presented: String?, at tenant: Tenant, on occasion: Occasion
    ) async throws -> (Client, Secret) {
        let token = presented.flatMap { Secret($0, for: .registrationAccessToken) }
        let client = try await registry.database.read { transaction -> Client? in
            let records = transaction.records(of: tenant.id)
            guard let token, try records.registrations.isManaged(id, by: token.digest) else {
                return nil
            }
            return try records.clients.find(id)
        }
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        // If not, what follows is the same: a stranger learns nothing of who is disabled.
        if standing.mayAct(at: occasion.now), let client, let token { return (client, token) }
        if presented != nil, client == nil {
            try await failures.count(.accessToken, of: tenant.id, on: occasion)
        }
        throw RegisterClient.unusable
    }

    /// Checks what a request to change says of the registration as it is.
    private func check(_ json: JSONObject, of client: Client, at tenant: Tenant) async throws {
        guard json["client_id"]?.string?.isExactly(client.id.text) ?? false else {
            throw OAuthError(.invalidClientMetadata, "The client_id is not that of the client.")
        }
        guard Self.answered.allSatisfy({ json[$0] == nil }) else {
            throw OAuthError(
                .invalidClientMetadata,
                "The request holds a member that the server alone decides (RFC 7592 §2.2).")
        }
        guard let presented = json["client_secret"], presented != .null else { return }
        let secret = presented.string.flatMap { Secret($0, for: .clientSecret) }
        let secrets = try await registry.database.read {
            try $0.records(of: tenant.id).clients.secrets(of: client.id)
        }
        guard let secret, secrets.contains(where: { $0.digest == secret.digest }) else {
            throw OAuthError(.invalidClientMetadata, "The client_secret is not the client's.")
        }
    }

    /// The transaction's part of replacing a registration.
    private struct Replacement: Sendable {
        let id: Client.ID
        let rules: RegistrationRules
        let metadata: ClientMetadata
        let trial: Client
        let token: Secret
        let newToken: Secret
        let newSecret: Secret
        let occasion: Occasion

        /// The client as it is now; nil if the token is over.
        func commit(in records: TenantRecords) throws -> (client: Client, getsSecret: Bool)? {
            guard
                try records.registrations.rotateToken(
                    of: id, from: token.digest, to: newToken.digest),
                let held = try records.clients.find(id)
            else { return nil }
            // Applied once before: only what an operator changed meanwhile could be lost else.
            var client = held
            try rules.apply(metadata, to: &client)
            do throws(ClientRefusal) {
                try CheckClient.confirm(client, insteadOf: held, checked: trial)
            } catch {
                throw error.registrationError
            }
            client.updatedAt = occasion.now
            try records.clients.update(client)
            let needsSecret = client.authentication.needsSecret
            if !needsSecret { try records.clients.removeSecrets(of: id) }
            let getsSecret = try needsSecret && records.clients.secrets(of: id).isEmpty
            if getsSecret {
                try records.clients.add(ClientSecret(newSecret, at: occasion.now), to: id)
            }
            try records.events.append(
                Event(.clientUpdated, by: .client(id), of: id.text), on: occasion)
            return (client, getsSecret)
        }
    }
}
