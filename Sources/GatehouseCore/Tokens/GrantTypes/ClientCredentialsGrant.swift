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
        let draft = try await issuer.draft(
            for: request, by: client, of: tenant, through: address, at: occasion.now)
        let (claims, target) = (draft.claims, draft.target)
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
            idToken: nil, scope: claims.scope, confirmation: claims.confirmation)
        response.authorizationDetails = request.authorizationDetails
        return response
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
