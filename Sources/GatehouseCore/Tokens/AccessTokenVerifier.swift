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

    static let invalid = OAuthError(
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
    package func userInfo(
        _ presented: PresentedToken, _ presentation: ProofPresentation, of tenant: Tenant,
        through issuer: Issuer, at now: Timestamp
    ) async throws -> (userInfo: UserInfo, client: Client, nonce: String?) {
        let admission = try await AdmitByToken(
            accessTokens: self, scope: Scope.openID,
            lacking: OAuthError(.insufficientScope, "The access token lacks the scope openid.")
        ).admit(presented, presentation, of: tenant, through: issuer, at: now)
        let parties = Parties(
            tenant: tenant, client: admission.client, user: admission.user, confirmation: nil)
        let info = try await registry.userInfo(
            about: parties, scope: admission.token.scope, granted: admission.grant,
            in: admission.token.organizationID, at: now)
        try await admission.spendProof(in: registry.database)
        return (info, admission.client, admission.nonce)
    }
}

extension Registry {
    /// What userinfo shows a client of a person by a token of this scope, for this organization or
    /// none (OpenID Connect Core §5.3.2), as things are now.
    func userInfo(
        about parties: Parties, scope: Scope, granted grant: Grant,
        in organization: Organization.ID?, at now: Timestamp
    ) async throws -> UserInfo {
        let (client, user, tenant) = (parties.client, parties.user, parties.tenant.id)
        var info = UserInfo(
            subject: try await subject(of: user.id, for: client, in: tenant, at: now),
            identity: user.identity, scope: client.userInfoScope(for: scope))
        info.requestedClaims = client.allowed(grant.claims.userInfo)
        let finding = try await CurrentOrganizations(database: database)
            .finding(of: user.id, in: organization, to: client, at: tenant)
        switch finding {
        case .hidden: break
        case .found(let claims): info.organizations = claims
        case .lost, .stale: throw AccessTokenVerifier.invalid
        }
        return info
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
    /// The organization that it is for (`org_id`), if it is for one.
    let organizationID: Organization.ID?
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
        organizationID = try claims.string("org_id").map(Organization.ID.init(stored:))
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
