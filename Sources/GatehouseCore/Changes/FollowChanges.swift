private import GatehouseEncoding
package import GatehouseProtocol
private import GatehouseSQL

/// Lets in a resource server that wants to be told what changes access.
///
/// It comes with an access token that it got for itself, for this issuer, with the scope for it. The
/// token counts for as long as it is followed with, and so does everyone that it stands on.
package struct FollowChanges: Sendable {
    let accessTokens: AccessTokenVerifier

    private static let elsewhere = OAuthError(
        .invalidToken, "The access token is not for this issuer.")
    private static let lacking = OAuthError(
        .insufficientScope, "The access token lacks the scope changes, or is not a client's own.")
    private static let ofOrganization = OAuthError(
        .insufficientScope, "The client belongs to an organization, and is not told of others.")

    private var registry: Registry { accessTokens.registry }

    /// Whoever brings a token, if they may follow.
    ///
    /// - Throws: ``OAuthError``
    package func admit(
        _ presented: PresentedToken, _ presentation: ProofPresentation, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> Follower {
        let token = try await accessTokens.verify(presented.text, of: tenant, at: now)
        guard token.issuer.isExactly(issuer.text) else { throw AccessTokenVerifier.invalid }
        let proof = try await AdmitByToken(
            accessTokens: accessTokens, scope: Scope.changes, lacking: Self.lacking
        ).proof(in: presentation, presented, as: token, of: tenant, at: now)
        guard token.audience.contains(where: { $0.isExactly(issuer.text) }) else {
            throw Self.elsewhere
        }
        let follower = Follower(
            tenant: tenant, issuer: issuer, clientID: token.clientID, tokenText: presented.text)
        try await check(follower, token, at: now)
        if let proof {
            let isFirst = try await registry.database.write { [tenant = tenant.id] in
                try $0.records(of: tenant).dpopProofs.use(proof)
            }
            guard isFirst else { throw CheckDPoPProof.replayed }
        }
        return follower
    }

    /// Whether somebody who was let in would be let in now.
    func isStillAdmitted(_ follower: Follower, at now: Timestamp) async throws -> Bool {
        guard let tenant = try await registry.tenant(follower.tenant.slug, at: now),
            tenant.id == follower.tenant.id
        else { return false }
        do {
            let token = try await accessTokens.verify(follower.tokenText, of: tenant, at: now)
            var current = follower
            current.tenant = tenant
            try await check(current, token, at: now)
            return true
        } catch is OAuthError {
            return false
        }
    }

    private func check(
        _ follower: Follower, _ token: VerifiedAccessToken, at now: Timestamp
    ) async throws {
        let tenant = follower.tenant
        guard token.scope.contains(Scope.changes), token.grantID == nil, token.actors == nil else {
            throw Self.lacking
        }
        let client = try await registry.client(token.clientID, of: tenant.id, at: now)?.client
        var standing = Standing(tenant: tenant)
        standing.client = .involved(client)
        guard standing.mayAct(at: now), let client else { throw AccessTokenVerifier.invalid }
        guard client.kind == .machine, client.scope.contains(Scope.changes) else {
            throw Self.lacking
        }
        guard client.policies.organizations.owner == nil, token.organizationID == nil else {
            throw Self.ofOrganization
        }
        let isRevoked = try await registry.database.ask {
            try $0.records(of: tenant.id).revokedAccessTokens.contains(token.tokenID)
        }
        guard !isRevoked else { throw AccessTokenVerifier.invalid }
    }
}

/// A resource server that was let in.
package struct Follower: Sendable {
    var tenant: Tenant
    let issuer: Issuer
    let clientID: Client.ID
    /// What it was let in by, to be looked at again.
    let tokenText: String
}
