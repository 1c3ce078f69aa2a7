private import GatehouseEncoding
package import GatehouseJOSE

/// An ID token of ours that comes back as a hint of who is meant (OpenID Connect Core §3.1.2.1,
/// RP-Initiated Logout §2).
///
/// Its time may be over: it names someone, it does not let anyone in.
package struct IDTokenHint: Sendable {
    package let issuer: String
    /// Whom it is about, by the name that its client knows.
    package let subject: String
    package let client: Client.ID
    package let session: Session.ID?
    /// The organization that it is for, if it is for one.
    let organization: Organization.ID?
    /// False if the token has expired.
    package let isCurrent: Bool
    /// When it expires, or did.
    let expiresAt: Timestamp

    /// Verifies the hint; nil unless one of these keys signed it as an ID token.
    package init?(_ text: String, keys: JSONWebKeySet, at now: Timestamp) {
        do throws(JOSEError) {
            let payload = try UnverifiedJWS(parsing: text).verified(
                by: keys, algorithms: Algorithm.allCases, types: [.jwt])
            let claims = try JWTClaims(parsing: payload)
            guard let issuer = try claims.string("iss"),
                let subject = try claims.string("sub"),
                let client = try claims.string("aud").flatMap(Client.ID.init(parsing:)),
                let expiry = try claims.time("exp")
            else { return nil }
            self.issuer = issuer
            self.subject = subject
            self.client = client
            session = try claims.string("sid").flatMap(Session.ID.init(parsing:))
            organization = try claims.string("org_id").map(Organization.ID.init(stored:))
            isCurrent = now.seconds < expiry
            expiresAt = Timestamp(seconds: expiry)
        } catch {
            return nil
        }
    }
}

extension Registry {
    /// The ID token that a hint is, if one of the tenant's keys signed it.
    func idTokenHint(
        _ text: String, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> IDTokenHint? {
        try await lookingTwice(at: now) {
            IDTokenHint(text, keys: try await keys(of: tenant, at: now).published, at: now)
        }
    }

    /// The person whom a hint is about, by the name that its own client knows; nil if it is nobody's.
    func user(
        hintedBy hint: IDTokenHint, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> User.ID? {
        guard let client = try await client(hint.client, of: tenant, at: now)?.client else {
            return User.ID(parsing: hint.subject)
        }
        return try await user(named: hint.subject, by: client, in: tenant, at: now)
    }
}
