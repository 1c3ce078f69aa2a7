package import GatehouseProtocol

/// Finds out which client a request is from (RFC 6749 §2.3).
package struct ClientAuthenticator: Sendable {
    let registry: Registry
    let usage: UsageRecorder

    package init(registry: Registry, usage: UsageRecorder) {
        self.registry = registry
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
        let client = try await registry.lookingTwice(at: now) {
            try await check(id, secret, of: tenant, at: now)
        }
        guard let client else { throw failed }
        return client
    }

    /// The client, if it may act and the secret is one of its own.
    private func check(
        _ id: Client.ID, _ secret: Secret?, of tenant: Tenant, at now: Timestamp
    ) async throws -> Client? {
        guard let registered = try await registry.client(id, of: tenant.id, at: now) else {
            return nil
        }
        let client = registered.client
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        do {
            try mayAct(standing, at: now)
        } catch {
            return nil
        }
        guard client.kind.isConfidential == (secret != nil) else { return nil }
        if let secret {
            guard let known = registered.secret(secret) else { return nil }
            usage.record(secret: known, of: tenant.id, at: now)
        }
        return client
    }
}
