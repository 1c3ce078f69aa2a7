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
        let resources = try await issuer.registry.resources(of: tenant.id, at: occasion.now)
        let audience = try resources.audience(request.resources, by: client)
        let target = try resources.target(audience, of: client)
        try resources.check(request.authorizationDetails, for: audience, by: client)
        let allowed = target.narrowed(client.scope.subtracting(.identity))
        let scope = request.scope ?? allowed
        guard scope.isSubset(of: allowed) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        var claims = issuer.accessToken(
            for: client, scope: scope, to: target, issuer: address,
            confirmedBy: request.proof?.confirmation, at: occasion.now)
        claims.authorizationDetails = request.authorizationDetails
        claims.organizations = try await owner(of: client, in: tenant.id)
        let accessToken = try await issuer.mint(
            claims, to: target, by: client.id, under: nil, of: tenant.id, at: occasion.now)
        let event = Event(
            .tokenIssued, by: .client(client.id), of: claims.tokenID,
            detail: [("grant_type", "client_credentials")])
        if accessToken.record != nil || request.proof?.isUsedUp ?? false {
            try await record(
                accessToken.record, request.proof, event, of: tenant.id, on: occasion)
        } else {
            usage.record(event, of: tenant.id, on: occasion)
        }
        usage.record([ClientUse(.token, by: client.id, at: occasion.now)], of: tenant.id)
        var response = TokenResponse(
            accessToken: accessToken.text, expiresIn: target.lifetime.seconds, refreshToken: nil,
            idToken: nil, scope: scope, confirmation: claims.confirmation)
        response.authorizationDetails = request.authorizationDetails
        return response
    }

    /// The organization that the client belongs to, if it belongs to one.
    private func owner(
        of client: Client, in tenant: Tenant.ID
    ) async throws -> OrganizationClaims? {
        let finding = try await CurrentOrganizations(database: database)
            .finding(ofClient: client, at: tenant)
        switch finding {
        case .hidden: return nil
        case .found(let claims): return claims
        case .lost, .stale:
            throw OAuthError(
                .unauthorizedClient, "The client's organization is suspended or deleted.")
        }
    }

    /// Records what a signed bearer token does without: an opaque token, and that a proof was used.
    private func record(
        _ token: OpaqueAccessToken?, _ proof: Possession?, _ event: Event, of tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws {
        let isFirst = try await database.write { transaction in
            let records = transaction.records(of: tenant)
            if let proof, try !records.dpopProofs.use(proof) { return false }
            if let token { try records.opaqueAccessTokens.insert(token) }
            try records.events.append(event, on: occasion)
            return true
        }
        guard isFirst else { throw CheckDPoPProof.replayed }
    }
}
