package import GatehouseProtocol
private import GatehouseSQL

/// The `client_credentials` grant type (RFC 6749 §4.4): a client acts for itself.
package struct ClientCredentialsGrant: Sendable {
    let issuer: TokenIssuer
    let usage: UsageRecorder

    package init(issuer: TokenIssuer, usage: UsageRecorder) {
        self.issuer = issuer
        self.usage = usage
    }

    package func issue(
        _ request: ClientCredentialsRequest, to client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.clientCredentials)
        let resources = try await issuer.registry.resources(of: tenant.id, at: occasion.now)
        let target = try resources.target(
            resources.audience(request.resources, by: client), of: client)
        let allowed = target.narrowed(client.scope.subtracting(.identity))
        let scope = request.scope ?? allowed
        guard scope.isSubset(of: allowed) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        let claims = issuer.accessToken(
            for: client, scope: scope, to: target, issuer: address, at: occasion.now)
        let accessToken = try await issuer.mint(
            claims, to: target, by: client.id, under: nil, of: tenant.id, at: occasion.now)
        let event = Event(
            .tokenIssued, by: .client(client.id), of: claims.tokenID,
            detail: [("grant_type", "client_credentials")])
        if let record = accessToken.record {
            try await issuer.registry.database.write { transaction in
                let records = transaction.records(of: tenant.id)
                try records.opaqueAccessTokens.insert(record)
                try records.events.append(event, on: occasion)
            }
        } else {
            usage.record(event, of: tenant.id, on: occasion)
        }
        return TokenResponse(
            accessToken: accessToken.text, expiresIn: target.lifetime.seconds, refreshToken: nil,
            idToken: nil, scope: scope)
    }
}
