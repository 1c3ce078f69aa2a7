private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol
import GatehouseSQL

/// Tells of a token whether it is active, and what it says (RFC 7662).
///
/// Only those whom it concerns are told: the client that it was issued to, and of an access token
/// whoever speaks for a resource that it is for. To everybody else it is like no token at all.
package struct IntrospectToken: Sendable {
    let registry: Registry
    let accessTokens: AccessTokenVerifier
    let usage: UsageRecorder

    package init(registry: Registry, accessTokens: AccessTokenVerifier, usage: UsageRecorder) {
        self.registry = registry
        self.usage = usage
        self.accessTokens = accessTokens
    }

    package func introspect(
        _ request: IntrospectionRequest, by caller: Client, of tenant: Tenant,
        through address: Issuer, at now: Timestamp
    ) async throws -> IntrospectionResponse {
        if let presented = Secret(request.token, for: .refreshToken) {
            return try await refreshToken(
                presented, by: caller, of: tenant, through: address, at: now)
        }
        if let presented = Secret(request.token, for: .apiKey) {
            return try await IntrospectAPIKey(registry: registry, usage: usage).introspect(
                presented, from: request.address, by: caller, of: tenant, through: address,
                at: now)
        }
        if let presented = Secret(request.token, for: .accessToken) {
            let found = try await registry.database.ask { transaction in
                try transaction.records(of: tenant.id).opaqueAccessTokens
                    .findStanding(presented.digest)
            }
            guard let (token, grant) = found, token.isCurrent(at: now),
                try await concerns(token, caller, of: tenant, through: address, at: now),
                let client = try await client(of: token, under: grant, in: tenant, at: now)
            else { return .inactive }
            return try await answer(token, under: grant?.grant, to: client, in: tenant)
        }
        let token: VerifiedAccessToken
        do {
            token = try await accessTokens.verify(request.token, of: tenant, at: now)
        } catch is OAuthError {
            return .inactive
        }
        guard try await concerns(token, caller, of: tenant, through: address, at: now) else {
            return .inactive
        }
        if token.grantID == nil, try await isRevoked(token, in: tenant) { return .inactive }
        let grant = try await standing(of: token, in: tenant)
        guard let client = try await client(of: token, under: grant, in: tenant, at: now) else {
            return .inactive
        }
        return try await answer(token, under: grant?.grant, to: client, in: tenant)
    }

    /// What a token says, with what its client is told of organizations as it is now.
    private func answer(
        _ token: VerifiedAccessToken, under grant: Grant?, to client: Client, in tenant: Tenant
    ) async throws -> IntrospectionResponse {
        let organizations = CurrentOrganizations(database: registry.database)
        let finding =
            if let grant {
                try await organizations.finding(
                    of: grant.userID, in: token.organizationID, to: client, at: tenant.id)
            } else if token.organizationID == client.policies.organizations.owner {
                try await organizations.finding(ofClient: client, at: tenant.id)
            } else {
                // The client was moved since: its tokens are not.
                CurrentOrganizations.Finding.lost
            }
        switch finding {
        // What it says of an organization is none of its client's business any more.
        case .hidden: return token.organizationID == nil ? .active(token, nil) : .inactive
        case .found(let claims): return .active(token, claims)
        case .lost, .stale: return .inactive
        }
    }

    /// Whether a token is of this issuer, and the caller's business.
    private func concerns(
        _ token: VerifiedAccessToken, _ caller: Client, of tenant: Tenant,
        through address: Issuer, at now: Timestamp
    ) async throws -> Bool {
        guard token.issuer.isExactly(address.text) else { return false }
        if token.clientID == caller.id { return true }
        return try await registry.resources(of: tenant.id, at: now)
            .speaks(caller.id, for: token.audience)
    }

    /// The grant that a token stands on, with everyone involved; nil if it stands on none, or was
    /// revoked.
    private func standing(
        of token: VerifiedAccessToken, in tenant: Tenant
    ) async throws -> GrantStanding? {
        guard let grantID = token.grantID else { return nil }
        return try await registry.database.ask { transaction in
            try transaction.records(of: tenant.id).grants
                .findStanding(grantID, unlessRevoked: token.tokenID)
        }
    }

    private func isRevoked(
        _ token: VerifiedAccessToken, in tenant: Tenant
    ) async throws -> Bool {
        try await registry.database.ask { transaction in
            try transaction.records(of: tenant.id).revokedAccessTokens.contains(token.tokenID)
        }
    }

    /// The client of an access token, if everyone that the token stands on may still act.
    private func client(
        of token: VerifiedAccessToken, under grant: GrantStanding?, in tenant: Tenant,
        at now: Timestamp
    ) async throws -> Client? {
        let client = try await registry.client(token.clientID, of: tenant.id, at: now)?.client
        guard token.grantID == nil else {
            let mayAct = grant?.standing(in: tenant, client: client).mayAct(at: now) ?? false
            return mayAct ? client : nil
        }
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        return standing.mayAct(at: now) ? client : nil
    }

    private func refreshToken(
        _ presented: Secret, by caller: Client, of tenant: Tenant, through address: Issuer,
        at now: Timestamp
    ) async throws -> IntrospectionResponse {
        let found = try await registry.database.ask { transaction in
            try transaction.records(of: tenant.id).refreshTokens.findStanding(presented.digest)
        }
        guard let (token, standing) = found, standing.grant.clientID == caller.id,
            standing.grant.issuer.isExactly(address.text), token.consumedAt == nil,
            now < token.expiresAt, standing.standing(in: tenant, client: caller).mayAct(at: now)
        else { return .inactive }
        let organizations = try await CurrentOrganizations(database: registry.database)
            .finding(
                of: standing.grant.userID, in: standing.grant.organizationID, to: caller,
                at: tenant.id)
        if case .lost = organizations { return .inactive }
        let subject = try await registry.subject(
            of: standing.grant.userID, for: caller, in: tenant.id, at: now)
        return .active(token.claims(of: standing.grant, about: subject), type: nil)
    }
}

extension IntrospectionResponse {
    /// The claims of a token, in which organizations stand as they are now.
    fileprivate static func active(
        _ token: VerifiedAccessToken, _ organizations: OrganizationClaims?
    ) -> IntrospectionResponse {
        var claims = token.claims.object
        if organizations != nil || claims["organizations"] != nil {
            for name in OrganizationClaims.names { claims.remove(name) }
        }
        return .active(
            claims, type: token.confirmation?.tokenType ?? "Bearer", organizations: organizations)
    }
}

extension RefreshToken {
    /// What the client that has the token is told of it.
    fileprivate func claims(of grant: Grant, about subject: String) -> JSONObject {
        var claims = JSONObject([
            ("iss", .string(grant.issuer)), ("sub", .string(subject)),
            ("client_id", .string(grant.clientID.text)), ("scope", .string(grant.scope.text)),
            ("aud", .array(grant.audience.map { .string($0) })),
            ("iat", .integer(createdAt.seconds)), ("exp", .integer(expiresAt.seconds)),
        ])
        if let details = grant.authorizationDetails {
            claims.add("authorization_details", details.json)
        }
        if let organization = grant.organizationID {
            claims.add("org_id", .string(organization.text))
        }
        return claims
    }
}
