import GatehouseJOSE
import GatehouseProtocol

/// Mints tokens.
///
/// It reads no clock, and no table but the key ring and what clients are told of organizations. It
/// runs before the transaction that makes what it minted valid: nothing may fail after the commit.
package struct TokenIssuer: Sendable {
    let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    /// The organization that was selected is none in which the person acts now.
    static let lostOrganization = OAuthError(
        .invalidGrant, "The person does not act in the organization.")

    /// The organization that was selected wants another sign-in.
    static let staleOrganization = OAuthError(
        .invalidGrant, "The organization asks the person to sign in again.")

    /// An access token for what a user allowed a client (RFC 9068).
    func accessToken(
        for grant: Grant, scope: Scope, to target: TokenTarget, parties: Parties,
        at now: Timestamp
    ) async throws -> AccessTokenClaims {
        let subject = try await registry.subject(
            of: grant.userID, for: parties.client, in: parties.tenant.id, at: now)
        var claims = AccessTokenClaims(
            issuer: Issuer(stored: grant.issuer), subject: subject, audience: target.audience,
            clientID: parties.client.id.text, issuedAt: now.seconds,
            expiresAt: (now + target.lifetime).seconds, tokenID: AccessToken.ID(at: now).text,
            scope: scope, authenticatedAt: grant.authenticatedAt.seconds, grantID: grant.id.text,
            identity: target.claims.isEmpty ? nil : (parties.user.identity, target.claims))
        claims.confirmation = parties.confirmation
        claims.contextClass = grant.authenticationMethods.contextClass
        if parties.client.isOfThirdParty { claims.consentID = grant.consentID?.text }
        claims.organizations = try await organizations(for: grant, parties, at: now)
        return claims
    }

    /// What the client is told of organizations, as it is now.
    private func organizations(
        for grant: Grant, _ parties: Parties, at now: Timestamp
    ) async throws -> OrganizationClaims? {
        let finding = try await CurrentOrganizations(database: registry.database)
            .finding(
                of: grant.userID, in: grant.organizationID, to: parties.client,
                at: parties.tenant.id, signedIn: (since: grant.authenticatedAt, now: now))
        switch finding {
        case .hidden: return nil
        case .found(let claims): return claims
        case .lost: throw Self.lostOrganization
        case .stale: throw Self.staleOrganization
        }
    }

    /// An access token for a client itself (RFC 9068, RFC 6749 §4.4).
    func accessToken(
        for client: Client, scope: Scope, to target: TokenTarget, issuer: Issuer,
        confirmedBy confirmation: Confirmation?, at now: Timestamp
    ) -> AccessTokenClaims {
        var claims = AccessTokenClaims(
            issuer: issuer, subject: client.id.text, audience: target.audience,
            clientID: client.id.text, issuedAt: now.seconds,
            expiresAt: (now + target.lifetime).seconds, tokenID: AccessToken.ID(at: now).text,
            scope: scope, authenticatedAt: nil, grantID: nil, identity: nil)
        claims.confirmation = confirmation
        return claims
    }

    /// Makes an access token: signed, or random with what it stands for beside it.
    func mint(
        _ claims: AccessTokenClaims, to target: TokenTarget, by client: Client.ID,
        under grant: Grant.ID?, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> MintedAccessToken {
        switch target.format {
        case .jwt:
            let keys = try await registry.keys(
                of: tenant, signingWith: target.algorithm, at: now)
            let signer = try keys.accessTokenSigner(target.algorithm, at: now)
            return MintedAccessToken(token: try signer.digested(claims.serialized()), record: nil)
        case .opaque:
            let secret = Secret(for: .accessToken)
            let record = OpaqueAccessToken(
                digest: secret.digest, clientID: client, grantID: grant,
                claims: String(decoding: claims.serialized(), as: UTF8.self),
                expiresAt: Timestamp(seconds: claims.expiresAt))
            return MintedAccessToken(token: DigestedToken(text: secret.revealed), record: record)
        }
    }

    /// The tokens that a user's grant yields: an access token for the resources that were asked for
    /// of it and, for an OpenID Connect request, an ID token.
    ///
    /// - Throws: ``OAuthError`` with `invalid_target` if the grant is not for these resources, or no
    ///   one token can be for all of them.
    func tokens(
        for grant: Grant, scope: Scope, asking resources: [ResourceIndicator], nonce: String?,
        parties: Parties, at now: Timestamp
    ) async throws -> MintedTokens {
        let drafts = try await drafts(
            for: grant, scope: scope, asking: resources, nonce: nonce, parties: parties, at: now)
        let draft = drafts.accessToken
        let accessToken = try await mint(
            draft.claims, to: draft.target, by: parties.client.id, under: grant.id,
            of: parties.tenant.id, at: now)
        let idToken = try await idToken(
            drafts.idToken, with: accessToken.token, parties: parties, at: now)
        var response = TokenResponse(
            accessToken: accessToken.text, expiresIn: draft.target.lifetime.seconds,
            refreshToken: nil, idToken: idToken, scope: drafts.scope,
            confirmation: parties.confirmation)
        response.authorizationDetails = draft.claims.authorizationDetails
        return MintedTokens(
            response: response, record: accessToken.record,
            isOutgrown: parties.client.isOutgrown(by: response))
    }

    /// Signs the ID token that goes with an access token, if there is one.
    private func idToken(
        _ draft: IDTokenClaims?, with accessToken: DigestedToken, parties: Parties,
        at now: Timestamp
    ) async throws -> String? {
        guard var claims = draft else { return nil }
        let algorithm = parties.client.policies.idTokenAlgorithm
        claims.accessTokenHash = AccessTokenHash.inIDToken(
            of: accessToken, signedWith: algorithm)
        let keys = try await registry.keys(
            of: parties.tenant.id, signingWith: algorithm, at: now)
        return try keys.idTokenSigner(algorithm, at: now).sign(claims.serialized())
    }
}

/// Everyone that a token is about, looked up and alive.
struct Parties: Sendable {
    let tenant: Tenant
    let client: Client
    let user: User
    /// What whoever presents the token has to prove.
    let confirmation: Confirmation?
}

/// An access token, and the record that makes it valid if it is opaque.
struct MintedAccessToken: Sendable {
    let token: DigestedToken
    let record: OpaqueAccessToken?

    var text: String { token.text }
}

/// What a client is given, and what must be recorded with it.
struct MintedTokens: Sendable {
    let response: TokenResponse
    let record: OpaqueAccessToken?
    /// True if organizations made a token longer than it should be, which is told.
    let isOutgrown: Bool
}

/// Names the ids of access tokens.
///
/// A signed token itself is not recorded.
package enum AccessToken: Identified {
    package typealias ID = Identifier<AccessToken>
    package static let identifierPrefix = "at"
}

extension TokenResponse {
    /// The same response with a refresh token.
    func with(refreshToken: Secret?) -> TokenResponse {
        var response = self
        response.refreshToken = refreshToken?.revealed
        return response
    }
}
