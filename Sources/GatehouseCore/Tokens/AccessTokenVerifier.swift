private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol
package import GatehouseSQL

/// Checks access tokens that come back to us: signature, type, issuer, time, and that they were
/// not revoked (RFC 9068 §4).
package struct AccessTokenVerifier: Sendable {
    let database: any Database
    let keyRing: KeyRing

    package init(database: any Database, keyRing: KeyRing) {
        self.database = database
        self.keyRing = keyRing
    }

    /// How far the clocks of two nodes may differ, in seconds.
    private static let clockTolerance: Int64 = 5

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
        let keys = try await keyRing.keys(of: tenant.id, at: now)
        do throws(JOSEError) {
            let payload = try UnverifiedJWS(parsing: text).verified(
                by: keys.published, algorithms: Algorithm.allCases, types: [.accessToken])
            let claims = try JWTClaims(parsing: payload)
            try claims.checkTimes(now: now.seconds, tolerance: Self.clockTolerance)
            guard let token = try VerifiedAccessToken(claims) else { throw .malformed }
            return token
        } catch {
            throw error == .expired ? Self.invalid : Self.foreign
        }
    }

    /// The user whom a token is about and what it may show of them, for the userinfo endpoint
    /// (OpenID Connect Core §5.3).
    ///
    /// Everyone that the token stands on must still be alive.
    package func userInfo(
        _ text: String, of tenant: Tenant, through issuer: Issuer, at now: Timestamp
    ) async throws -> UserInfo {
        let token = try await verify(text, of: tenant, at: now)
        guard token.issuer.isExactly(issuer.text) else { throw Self.invalid }
        guard token.scope.contains(Scope.openID), let grantID = token.grantID else {
            throw OAuthError(.insufficientScope, "The access token lacks the scope openid.")
        }
        let standing = try await database.read { transaction -> Standing? in
            let records = transaction.records(of: tenant.id)
            guard try !records.revokedAccessTokens.contains(token.tokenID) else { return nil }
            return try records.standing(of: try records.grants.find(grantID), in: tenant)
        }
        guard let standing else { throw Self.invalid }
        do {
            try mayAct(standing, at: now)
        } catch {
            throw Self.invalid
        }
        guard case .involved(let user?) = standing.user else { throw Self.invalid }
        return UserInfo(subject: user.id.text, identity: user.identity, scope: token.scope)
    }
}

/// What an access token says, once it is believed.
package struct VerifiedAccessToken: Sendable {
    package let tokenID: String
    package let issuer: String
    package let clientID: Client.ID
    package let grantID: Grant.ID?
    package let scope: Scope
    package let expiresAt: Timestamp

    fileprivate init?(_ claims: JWTClaims) throws(JOSEError) {
        guard let tokenID = try claims.string("jti"), let issuer = try claims.string("iss"),
            let clientID = try claims.string("client_id").flatMap(Client.ID.init(parsing:)),
            let expiry = try claims.time("exp")
        else { return nil }
        self.tokenID = tokenID
        self.issuer = issuer
        self.clientID = clientID
        grantID = try claims.string("gid").flatMap(Grant.ID.init(parsing:))
        expiresAt = Timestamp(seconds: expiry)
        do {
            scope = try Scope(parsing: try claims.string("scope") ?? "")
        } catch {
            throw .malformed
        }
    }
}
