import GatehouseProtocol

/// An access token as it will be: what it says, and what follows from whom it is for.
///
/// Nothing is signed.
struct AccessTokenDraft: Sendable {
    let claims: AccessTokenClaims
    let target: TokenTarget
}

/// The tokens that a grant yields, as they will be.
///
/// Nothing is signed.
struct TokenDrafts: Sendable {
    let accessToken: AccessTokenDraft
    /// What the ID token will say, but for the digest of the access token; nil where there is none.
    let idToken: IDTokenClaims?
    /// What of the scope the tokens are good for.
    let scope: Scope
}

extension TokenIssuer {
    /// What the tokens will say that a grant yields: an access token for the resources that were asked
    /// for of it and, for an OpenID Connect request, an ID token.
    ///
    /// - Throws: ``OAuthError`` with `invalid_target` if the grant is not for these resources, or no
    ///   one token can be for all of them.
    func drafts(
        for grant: Grant, scope: Scope, asking resources: [ResourceIndicator], nonce: String?,
        parties: Parties, at now: Timestamp
    ) async throws -> TokenDrafts {
        let known = try await registry.resources(of: parties.tenant.id, at: now)
        let audience = try known.narrowed(resources, of: grant.audience, by: parties.client)
        let target = try known.target(audience, of: parties.client)
        let scope = target.narrowed(scope)
        var claims = try await accessToken(
            for: grant, scope: scope, to: target, parties: parties, at: now)
        claims.authorizationDetails = known.narrowed(
            grant.authorizationDetails, for: audience, by: parties.client)
        return TokenDrafts(
            accessToken: AccessTokenDraft(claims: claims, target: target),
            idToken: scope.contains(Scope.openID)
                ? idToken(for: grant, nonce: nonce, with: claims, parties: parties, at: now) : nil,
            scope: scope)
    }

    /// What the ID token will say that goes with an access token (OpenID Connect Core §2).
    private func idToken(
        for grant: Grant, nonce: String?, with accessToken: AccessTokenClaims, parties: Parties,
        at now: Timestamp
    ) -> IDTokenClaims {
        var claims = IDTokenClaims(
            issuer: Issuer(stored: grant.issuer), subject: accessToken.subject,
            audience: parties.client.id.text, issuedAt: now.seconds,
            expiresAt: (now + parties.client.policies.accessTokenLifetime).seconds,
            authenticatedAt: grant.authenticatedAt.seconds, nonce: nonce,
            authenticationMethods: grant.authenticationMethods.map(\.rawValue),
            sessionID: grant.sessionID.text, accessTokenHash: nil,
            identity: parties.user.identity, scope: accessToken.scope)
        claims.contextClass = grant.authenticationMethods.contextClass
        claims.requestedClaims = parties.client.allowed(grant.claims.idToken)
        claims.organizations = accessToken.organizations
        return claims
    }

    /// What an access token will say that a client gets for itself (RFC 6749 §4.4).
    func draft(
        for request: ClientCredentialsRequest, by client: Client, of tenant: Tenant,
        through address: Issuer, at now: Timestamp
    ) async throws -> AccessTokenDraft {
        try client.requireGrantType(.clientCredentials)
        let resources = try await registry.resources(of: tenant.id, at: now)
        let audience = try resources.audience(request.resources, by: client)
        let target = try resources.target(audience, of: client)
        try resources.check(request.authorizationDetails, for: audience, by: client)
        let allowed = target.narrowed(client.scope.subtracting(.identity))
        let scope = request.scope ?? allowed
        guard scope.isSubset(of: allowed) else {
            throw OAuthError(.invalidScope, "The scope exceeds what the client may ask for.")
        }
        var claims = accessToken(
            for: client, scope: scope, to: target, issuer: address,
            confirmedBy: request.proof?.confirmation, at: now)
        claims.authorizationDetails = request.authorizationDetails
        claims.organizations = try await owner(of: client, in: tenant.id)
        return AccessTokenDraft(claims: claims, target: target)
    }

    /// The organization that the client belongs to, if it belongs to one.
    private func owner(
        of client: Client, in tenant: Tenant.ID
    ) async throws -> OrganizationClaims? {
        let finding = try await CurrentOrganizations(database: registry.database)
            .finding(ofClient: client, at: tenant)
        switch finding {
        case .hidden: return nil
        case .found(let claims): return claims
        case .lost, .stale:
            throw OAuthError(
                .unauthorizedClient, "The client's organization is suspended or deleted.")
        }
    }
}
