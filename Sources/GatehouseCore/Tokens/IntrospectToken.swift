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

    package init(registry: Registry, accessTokens: AccessTokenVerifier) {
        self.registry = registry
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
        let token: VerifiedAccessToken
        do {
            token = try await accessTokens.verify(request.token, of: tenant, at: now)
        } catch is OAuthError {
            return .inactive
        }
        let resources = try await registry.resources(of: tenant.id, at: now)
        guard token.issuer.isExactly(address.text),
            token.clientID == caller.id || resources.speaks(caller.id, for: token.audience),
            try await stands(token, in: tenant, at: now)
        else { return .inactive }
        return .active(token.claims.object, type: token.confirmation?.tokenType ?? "Bearer")
    }

    /// Whether everyone that an access token stands on may still act, and nobody revoked it.
    private func stands(
        _ token: VerifiedAccessToken, in tenant: Tenant, at now: Timestamp
    ) async throws -> Bool {
        let client = try await registry.client(token.clientID, of: tenant.id, at: now)?.client
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        if let grantID = token.grantID {
            let found = try await registry.database.ask { transaction in
                try transaction.records(of: tenant.id).grants
                    .findStanding(grantID, unlessRevoked: token.tokenID)
            }
            guard let found else { return false }
            standing = found.standing(in: tenant, client: client)
        } else {
            let isRevoked = try await registry.database.ask { transaction in
                try transaction.records(of: tenant.id).revokedAccessTokens
                    .contains(token.tokenID)
            }
            guard !isRevoked else { return false }
        }
        return standing.mayAct(at: now)
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
        let subject = try await registry.subject(
            of: standing.grant.userID, for: caller, in: tenant.id, at: now)
        return .active(token.claims(of: standing.grant, about: subject), type: nil)
    }
}

extension Standing {
    /// Whether all parties may act.
    fileprivate func mayAct(at now: Timestamp) -> Bool {
        do {
            try GatehouseCore.mayAct(self, at: now)
            return true
        } catch {
            return false
        }
    }
}

extension RefreshToken {
    /// What the client that has the token is told of it.
    fileprivate func claims(of grant: Grant, about subject: String) -> JSONObject {
        JSONObject([
            ("iss", .string(grant.issuer)), ("sub", .string(subject)),
            ("client_id", .string(grant.clientID.text)), ("scope", .string(grant.scope.text)),
            ("aud", .array(grant.audience.map { .string($0) })),
            ("iat", .integer(createdAt.seconds)), ("exp", .integer(expiresAt.seconds)),
        ])
    }
}
