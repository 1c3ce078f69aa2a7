private import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL

/// Lets in whoever presents an access token of a person, where a scope is needed.
///
/// Everyone that the token stands on must still be alive, and whoever presents a bound token must
/// prove to have its key.
struct AdmitByToken: Sendable {
    let accessTokens: AccessTokenVerifier
    let scope: String
    /// What is said to whoever has another scope.
    let lacking: OAuthError

    func admit(
        _ presented: PresentedToken, _ presentation: ProofPresentation, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> Admission {
        let registry = accessTokens.registry
        let token = try await accessTokens.verify(presented.text, of: tenant, at: now)
        guard token.issuer.isExactly(issuer.text) else { throw AccessTokenVerifier.invalid }
        let proof = try await proof(in: presentation, presented, as: token, of: tenant, at: now)
        guard token.scope.contains(scope), let grantID = token.grantID else { throw lacking }
        let found = try await registry.database.ask { transaction in
            try transaction.records(of: tenant.id).grants
                .findStanding(grantID, unlessRevoked: token.tokenID)
        }
        guard let found, let user = found.user else { throw AccessTokenVerifier.invalid }
        let known = try await registry.client(found.grant.clientID, of: tenant.id, at: now)?.client
        guard found.standing(in: tenant, client: known).mayAct(at: now), let client = known else {
            throw AccessTokenVerifier.invalid
        }
        let needsNonce = proof != nil && client.policies.requiresDPoPNonce
        return Admission(
            tenant: tenant, issuer: issuer, token: token, grant: found.grant, client: client,
            user: user, session: found.session, proof: proof,
            nonce: needsNonce
                ? accessTokens.proofs.nonces.current(for: tenant.id, at: now) : nil)
    }

    /// The proof that comes with a token; nil for one that the connection is proof enough for, or
    /// that needs none.
    ///
    /// A token that is bound to a key is no bearer token, and every other one is nothing else: none
    /// passes for what it is not (RFC 9449 §7.2). One that is bound to a certificate is for whoever
    /// shows that (RFC 8705 §3).
    func proof(
        in presentation: ProofPresentation, _ presented: PresentedToken,
        as token: VerifiedAccessToken, of tenant: Tenant, at now: Timestamp
    ) async throws -> ProvenKey? {
        switch (presented, token.confirmation) {
        case (.bearer, nil):
            return nil
        case (.bearer, .key):
            throw OAuthError(.invalidToken, "The access token is bound to a key.")
        case (.bearer, .certificate(let thumbprint)):
            guard presentation.certificate == thumbprint else {
                throw OAuthError(
                    .invalidToken,
                    "The access token is bound to a certificate, which was not shown.")
            }
            return nil
        case (.dpop, nil), (.dpop, .certificate):
            throw OAuthError(.invalidToken, "The access token is not bound to a key.")
        case (.dpop(let text), .key(let thumbprint)):
            let client = try await accessTokens.registry.client(
                token.clientID, of: tenant.id, at: now)
            let proof = try accessTokens.proofs.provenKey(
                in: presentation, with: text, of: client?.client, at: tenant.id, at: now)
            guard proof.thumbprint == thumbprint else {
                throw OAuthError(.invalidToken, "The access token is bound to another key.")
            }
            return proof
        }
    }
}

/// Whoever was let in by an access token, and everyone whom it stands on.
package struct Admission: Sendable {
    let tenant: Tenant
    /// The address that was asked.
    let issuer: Issuer
    let token: VerifiedAccessToken
    let grant: Grant
    /// The app that brings the token.
    package let client: Client
    /// Whom the token is about.
    package let user: User
    /// The session in which the grant was given; nil if it is long gone.
    let session: Session?
    let proof: ProvenKey?
    /// What the client's next proof has to carry; nil if it need not.
    package let nonce: String?

    /// Has the proof count once, where nothing is recorded but that.
    ///
    /// - Throws: ``OAuthError`` if it had been used.
    func spendProof(in database: any Database) async throws {
        guard let proof else { return }
        let isFirst = try await database.write { [tenant = tenant.id] in
            try $0.records(of: tenant).dpopProofs.use(proof)
        }
        guard isFirst else { throw CheckDPoPProof.replayed }
    }
}
