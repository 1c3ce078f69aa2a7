private import GatehouseEncoding
import GatehouseJOSE
package import GatehouseProtocol
private import GatehouseSQL

/// Checks access tokens that come back to us: signature, type, issuer, time, and that they were
/// not revoked (RFC 9068 §4).
package struct AccessTokenVerifier: Sendable {
    let registry: Registry
    let verified: VerifiedTokens
    let proofs: CheckDPoPProof

    package init(registry: Registry, verified: VerifiedTokens, proofs: CheckDPoPProof) {
        self.registry = registry
        self.verified = verified
        self.proofs = proofs
    }

    private static let invalid = OAuthError(
        .invalidToken, "The access token is expired or revoked.")
    /// None of the tenant's keys signed this, or not as an access token.
    package static let foreign = OAuthError(
        .invalidToken, "The access token is malformed or was not issued here.")

    /// What the token says, if one of the tenant's keys signed it and its time is not over.
    ///
    /// - Throws: ``OAuthError`` with `invalid_token`, whatever the reason.
    package func verify(
        _ text: String, of tenant: Tenant, at now: Timestamp
    ) async throws -> VerifiedAccessToken {
        if let opaque = Secret(text, for: .accessToken) {
            return try await find(opaque, of: tenant, at: now)
        }
        guard text.utf8.count <= UnverifiedJWS.mostBytes else { throw Self.foreign }
        let token = try await registry.lookingTwice(at: now) {
            do {
                return try await check(text, of: tenant, at: now)
            } catch JOSEError.unknownKey {
                return nil
            } catch is JOSEError {
                throw Self.foreign
            }
        }
        guard let token else { throw Self.foreign }
        return token
    }

    private func find(
        _ presented: Secret, of tenant: Tenant, at now: Timestamp
    ) async throws -> VerifiedAccessToken {
        let found = try await registry.database.ask {
            try $0.records(of: tenant.id).opaqueAccessTokens.find(presented.digest)
        }
        guard let found else { throw Self.foreign }
        guard found.isCurrent(at: now) else { throw Self.invalid }
        return found
    }

    private func check(
        _ text: String, of tenant: Tenant, at now: Timestamp
    ) async throws -> VerifiedAccessToken {
        let published = try await registry.keys(of: tenant.id, at: now).published
        let found = try verified.token(text, of: tenant.id) {
            try Self.verify(text, with: published)
        }
        // Both may have changed since the signature was checked.
        guard published.contains(found.keyID),
            found.token.isCurrent(at: now)
        else { throw Self.invalid }
        return found.token
    }

    private static func verify(
        _ text: String, with published: JSONWebKeySet
    ) throws(JOSEError) -> VerifiedTokens.Verified {
        let jws = try UnverifiedJWS(parsing: text)
        let payload = try jws.verified(
            by: published, algorithms: Algorithm.allCases, types: [.accessToken])
        guard let token = try VerifiedAccessToken(JWTClaims(parsing: payload)) else {
            throw .malformed
        }
        return VerifiedTokens.Verified(keyID: jws.unverifiedKeyID, token: token)
    }

    /// The user whom a token is about and what it may show of them, for the userinfo endpoint
    /// (OpenID Connect Core §5.3), with the nonce for the next proof if the client needs one.
    ///
    /// Everyone that the token stands on must still be alive, and whoever presents a bound token
    /// must prove to have its key.
    package func userInfo(
        _ presented: PresentedToken, _ presentation: ProofPresentation, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> (userInfo: UserInfo, client: Client, nonce: String?) {
        let token = try await verify(presented.text, of: tenant, at: now)
        guard token.issuer.isExactly(issuer.text) else { throw Self.invalid }
        let proof = try await proof(in: presentation, presented, as: token, of: tenant, at: now)
        guard token.scope.contains(Scope.openID), let grantID = token.grantID else {
            throw OAuthError(.insufficientScope, "The access token lacks the scope openid.")
        }
        let found = try await registry.database.ask { transaction in
            try transaction.records(of: tenant.id).grants
                .findStanding(grantID, unlessRevoked: token.tokenID)
        }
        guard let found, let user = found.user else { throw Self.invalid }
        let known = try await registry.client(found.grant.clientID, of: tenant.id, at: now)?.client
        do {
            try mayAct(found.standing(in: tenant, client: known), at: now)
        } catch {
            throw Self.invalid
        }
        guard let client = known else { throw Self.invalid }
        var info = UserInfo(
            subject: try await registry.subject(of: user.id, for: client, in: tenant.id, at: now),
            identity: user.identity, scope: client.userInfoScope(for: token.scope))
        info.requestedClaims = client.allowed(found.grant.claims.userInfo)
        guard let proof else { return (info, client, nil) }
        let isFirst = try await registry.database.write {
            try $0.records(of: tenant.id).dpopProofs.use(proof)
        }
        guard isFirst else { throw CheckDPoPProof.replayed }
        let needsNonce = client.policies.requiresDPoPNonce
        return (info, client, needsNonce ? proofs.nonces.current(for: tenant.id, at: now) : nil)
    }

    /// The proof that comes with a token; nil for one that the connection is proof enough for, or
    /// that needs none.
    ///
    /// A token that is bound to a key is no bearer token, and every other one is nothing else: none
    /// passes for what it is not (RFC 9449 §7.2). One that is bound to a certificate is for whoever
    /// shows that (RFC 8705 §3).
    private func proof(
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
            let client = try await registry.client(token.clientID, of: tenant.id, at: now)
            let proof = try proofs.provenKey(
                in: presentation, with: text, of: client?.client, at: tenant.id, at: now)
            guard proof.thumbprint == thumbprint else {
                throw OAuthError(.invalidToken, "The access token is bound to another key.")
            }
            return proof
        }
    }
}

/// What an access token says, once it is believed.
package struct VerifiedAccessToken: Sendable {
    /// How much longer than it says a token is accepted, for the sake of clocks that differ.
    private static let clockTolerance = Lifetime.seconds(5)

    package let tokenID: String
    package let issuer: String
    package let clientID: Client.ID
    package let grantID: Grant.ID?
    package let scope: Scope
    package let audience: [String]
    package let expiresAt: Timestamp
    /// All that the token says.
    let claims: JWTClaims
    /// What whoever presents it has to prove (`cnf`); nil for a bearer token.
    package let confirmation: Confirmation?
    /// Who uses it for its subject (`act`); nil if nobody does.
    let actors: ActorChain?
    /// The only client that may exchange it (`may_act`); nil for any that a policy lets.
    let mayAct: String?
    /// When its time begins, if that is later than when it was issued (`nbf`).
    private let delayedUntil: Timestamp?

    init?(_ claims: JWTClaims) throws(JOSEError) {
        guard let tokenID = try claims.string("jti"), let issuer = try claims.string("iss"),
            let clientID = try claims.string("client_id").flatMap(Client.ID.init(parsing:)),
            let expiry = try claims.time("exp")
        else { return nil }
        self.claims = claims
        audience = try claims.audiences()
        self.tokenID = tokenID
        self.issuer = issuer
        self.clientID = clientID
        grantID = try claims.string("gid").flatMap(Grant.ID.init(parsing:))
        expiresAt = Timestamp(seconds: expiry)
        confirmation = try Self.confirmation(claims.object["cnf"])
        actors = try Self.actors(claims.object["act"])
        mayAct = claims.object["may_act"]?["sub"]?.string
        let issuedAt = try claims.time("iat") ?? .min
        delayedUntil = try claims.time("nbf").flatMap {
            $0 > issuedAt ? Timestamp(seconds: $0) : nil
        }
        do {
            scope = try Scope(parsing: try claims.string("scope") ?? "")
        } catch {
            throw .malformed
        }
    }

    /// What is asked for and not understood is refused: such a token is not for everybody.
    private static func confirmation(_ value: JSONValue?) throws(JOSEError) -> Confirmation? {
        guard let value else { return nil }
        guard let confirmation = value.object.flatMap(Confirmation.init) else {
            throw .malformedClaim
        }
        return confirmation
    }

    private static func actors(_ value: JSONValue?) throws(JOSEError) -> ActorChain? {
        guard let value else { return nil }
        guard let actors = value.object.flatMap(ActorChain.init) else { throw .malformedClaim }
        return actors
    }

    /// True if its time has begun and is not over (RFC 7519 §4.1.4, §4.1.5).
    ///
    /// That a key of ours signed it proves that it was issued, whatever this node's clock says of
    /// the one that signed; so `iat` is not compared.
    func isCurrent(at now: Timestamp) -> Bool {
        now < expiresAt + Self.clockTolerance
            && delayedUntil.map { $0 <= now + Self.clockTolerance } ?? true
    }
}
