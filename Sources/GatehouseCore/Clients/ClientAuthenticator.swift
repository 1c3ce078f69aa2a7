package import GatehouseProtocol
package import GatehouseSQL

/// Finds out which client a request is from (RFC 6749 §2.3).
package struct ClientAuthenticator: Sendable {
    let database: any Database
    let usage: UsageRecorder

    package init(database: any Database, usage: UsageRecorder) {
        self.database = database
        self.usage = usage
    }

    /// The client, if it proved who it is in the way that its kind must.
    ///
    /// Whatever is wrong, the answer is the same: an unknown client and a wrong secret cannot be
    /// told apart.
    package func authenticate(
        _ authentication: ClientAuthentication, of tenant: Tenant, at now: Timestamp
    ) async throws -> Client {
        let failed = OAuthError(.invalidClient, "Client authentication failed.")
        let secret: Secret?
        switch authentication {
        case .none: secret = nil
        case .clientSecretBasic(_, let text), .clientSecretPost(_, let text):
            guard let parsed = Secret(text, for: .clientSecret) else { throw failed }
            secret = parsed
        }
        guard let id = Client.ID(parsing: authentication.clientID) else { throw failed }
        let found = try await database.read { transaction -> (Client, ClientSecret?)? in
            let clients = transaction.records(of: tenant.id).clients
            guard let client = try clients.find(id) else { return nil }
            return (client, try secret.flatMap { try clients.secret($0.digest, of: id) })
        }
        guard let (client, known) = found else { throw failed }
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        do {
            try mayAct(standing, at: now)
        } catch {
            throw failed
        }
        guard client.kind.isConfidential == (secret != nil), (known != nil) == (secret != nil)
        else { throw failed }
        if let known { usage.record(secret: known.id, of: tenant.id, at: now) }
        return client
    }
}
