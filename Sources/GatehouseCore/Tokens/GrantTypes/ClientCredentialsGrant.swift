package import GatehouseProtocol
package import GatehouseSQL

/// The `client_credentials` grant type (RFC 6749 §4.4): a client acts for itself.
package struct ClientCredentialsGrant: Sendable {
    let database: any Database
    let issuer: TokenIssuer
    let usage: UsageRecorder

    package init(database: any Database, issuer: TokenIssuer, usage: UsageRecorder) {
        self.database = database
        self.issuer = issuer
        self.usage = usage
    }

    package func issue(
        _ request: ClientCredentialsRequest, to client: Client, of tenant: Tenant,
        through address: Issuer, on occasion: Occasion
    ) async throws -> TokenResponse {
        try client.requireGrantType(.clientCredentials)
        let allowed = client.scope.subtracting(.identity)
        let scope = request.scope ?? allowed
        guard scope.isSubset(of: allowed) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        let claims = issuer.accessToken(
            for: client, scope: scope, issuer: address,
            confirmedBy: request.proof?.confirmation, at: occasion.now)
        let accessToken = try await issuer.sign(
            claims, for: client, of: tenant.id, at: occasion.now)
        if let proof = request.proof {
            let isFirst = try await database.write {
                try $0.records(of: tenant.id).dpopProofs.use(proof)
            }
            guard isFirst else { throw CheckDPoPProof.replayed }
        }
        usage.record(
            Event(
                .tokenIssued, by: .client(client.id), of: claims.tokenID,
                detail: [("grant_type", "client_credentials")]),
            of: tenant.id, on: occasion)
        return TokenResponse(
            accessToken: accessToken, expiresIn: client.policies.accessTokenLifetime.seconds,
            refreshToken: nil, idToken: nil, scope: scope, confirmation: claims.confirmation)
    }
}
