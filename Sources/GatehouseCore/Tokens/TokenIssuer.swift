private import Crypto
private import GatehouseEncoding
private import GatehouseJOSE
import GatehouseProtocol

/// Mints tokens.
///
/// It reads no clock and no table but the key ring, and runs before the transaction that makes what
/// it minted valid: nothing may fail after the commit.
package struct TokenIssuer: Sendable {
    let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    /// An access token for what a user allowed a client (RFC 9068).
    func accessToken(
        for grant: Grant, scope: Scope, user: User, of client: Client, at now: Timestamp
    ) throws -> AccessTokenClaims {
        var claims = AccessTokenClaims(
            issuer: Issuer(stored: grant.issuer), subject: grant.userID.text,
            audience: grant.audience, clientID: client.id.text, issuedAt: now.seconds,
            expiresAt: (now + client.policies.accessTokenLifetime).seconds,
            tokenID: AccessToken.ID(at: now).text, scope: scope,
            authenticatedAt: grant.authenticatedAt.seconds, grantID: grant.id.text,
            email: client.policies.accessTokenHasEmail ? user.email?.text : nil)
        claims.contextClass = grant.authenticationMethods.contextClass
        return claims
    }

    /// An access token for a client itself (RFC 9068, RFC 6749 §4.4).
    func accessToken(
        for client: Client, scope: Scope, issuer: Issuer, at now: Timestamp
    ) -> AccessTokenClaims {
        AccessTokenClaims(
            issuer: issuer, subject: client.id.text,
            audience: client.policies.audience ?? client.id.text, clientID: client.id.text,
            issuedAt: now.seconds, expiresAt: (now + client.policies.accessTokenLifetime).seconds,
            tokenID: AccessToken.ID(at: now).text, scope: scope, authenticatedAt: nil,
            grantID: nil, email: nil)
    }

    /// Signs an access token as the client's policies say.
    func sign(
        _ claims: AccessTokenClaims, for client: Client, of tenant: Tenant.ID, at now: Timestamp
    ) async throws -> String {
        let algorithm = client.policies.accessTokenAlgorithm
        let keys = try await registry.keys(of: tenant, signingWith: algorithm, at: now)
        return try keys.accessTokenSigner(algorithm, at: now).sign(claims.serialized())
    }

    /// The tokens that a user's grant yields: an access token and, for an OpenID Connect request,
    /// an ID token.
    func tokens(
        for grant: Grant, scope: Scope, nonce: String?, parties: Parties, at now: Timestamp
    ) async throws -> TokenResponse {
        let claims = try accessToken(
            for: grant, scope: scope, user: parties.user, of: parties.client, at: now)
        let accessToken = try await sign(
            claims, for: parties.client, of: parties.tenant.id, at: now)
        var idToken: String?
        if scope.contains(Scope.openID) {
            let lifetime = parties.client.policies.accessTokenLifetime
            var claims = IDTokenClaims(
                issuer: Issuer(stored: grant.issuer), subject: grant.userID.text,
                audience: parties.client.id.text, issuedAt: now.seconds,
                expiresAt: (now + lifetime).seconds,
                authenticatedAt: grant.authenticatedAt.seconds, nonce: nonce,
                authenticationMethods: grant.authenticationMethods.map(\.rawValue),
                sessionID: grant.sessionID.text,
                accessTokenHash: Self.hash(
                    of: accessToken, for: parties.client.policies.idTokenAlgorithm),
                identity: parties.user.identity, scope: scope)
            claims.contextClass = grant.authenticationMethods.contextClass
            claims.requestedClaims = parties.client.allowed(grant.claims.idToken)
            let algorithm = parties.client.policies.idTokenAlgorithm
            let keys = try await registry.keys(
                of: parties.tenant.id, signingWith: algorithm, at: now)
            idToken = try keys.idTokenSigner(algorithm, at: now).sign(claims.serialized())
        }
        return TokenResponse(
            accessToken: accessToken,
            expiresIn: parties.client.policies.accessTokenLifetime.seconds, refreshToken: nil,
            idToken: idToken, scope: scope)
    }

    /// The left half of the token's digest, by the hash of the ID token's algorithm (OpenID Connect
    /// Core §3.1.3.6).
    ///
    /// Ed25519 hashes with SHA-512 inside (RFC 8032 §5.1).
    private static func hash(of token: String, for algorithm: Algorithm) -> String {
        let bytes = Array(token.utf8)
        return switch algorithm {
        case .rs256, .ps256, .es256: Base64URL.encode(SHA256.hash(data: bytes).prefix(16))
        case .edDSA: Base64URL.encode(SHA512.hash(data: bytes).prefix(32))
        }
    }
}

/// Everyone that a token is about, looked up and alive.
struct Parties: Sendable {
    let tenant: Tenant
    let client: Client
    let user: User
}

/// Names the ids of access tokens.
///
/// A token itself is not recorded.
package enum AccessToken: Identified {
    package typealias ID = Identifier<AccessToken>
    package static let identifierPrefix = "at"
}

extension TokenResponse {
    /// The same response with a refresh token.
    func with(refreshToken: Secret?) -> TokenResponse {
        TokenResponse(
            accessToken: accessToken, expiresIn: expiresIn,
            refreshToken: refreshToken?.revealed, idToken: idToken, scope: scope)
    }
}
