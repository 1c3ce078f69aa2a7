package import GatehouseProtocol
import GatehouseSQL

/// What a user allowed a client, in one sign-in.
///
/// Every code and token issued from it dies with it: it is what revoking revokes.
package struct Grant: Sendable, Identified {
    package typealias ID = Identifier<Grant>
    package static let identifierPrefix = "grt"

    package let id: ID
    package let clientID: Client.ID
    package let userID: User.ID
    /// The session in which it was given.
    package let sessionID: Session.ID
    /// The address that the client asked through; its tokens carry it.
    package let issuer: String
    package private(set) var scope: Scope
    /// Whom its access tokens are for; a token may be for some of them only.
    package let audience: [String]
    package private(set) var claims: GrantedClaims
    /// What was allowed in full (RFC 9396); a token may be for some of it only.
    package private(set) var authorizationDetails: AuthorizationDetails?
    /// True if it outlives the session (`offline_access`).
    package private(set) var isOffline: Bool
    package let authenticatedAt: Timestamp
    package let authenticationMethods: [AuthenticationMethod]
    package let createdAt: Timestamp
    package private(set) var expiresAt: Timestamp
    package let revokedAt: Timestamp?
    /// What a public client has to prove to use the refresh token; nil if it is bound to nothing but
    /// the client.
    package let confirmation: Confirmation?
    /// The organization that was selected for it; nil if none was.
    package private(set) var organizationID: Organization.ID?
    /// What the person allowed for good, and takes this along when it is taken back; nil if they did
    /// not have to be asked.
    package private(set) var consentID: Consent.ID?
    /// The organization through which the person signed in: the grant counts while they are a member
    /// and act there; nil if none decides about them.
    package private(set) var through: Organization.ID?

    /// How long a grant with a refresh token lasts, however often that is used.
    package static let lifetime = Lifetime.days(365)

    /// Makes a grant whose access tokens are for an audience, by default that of the client, and
    /// last for a time, by default as long as the client's policies say.
    package init(
        to client: Client, scope: Scope, claims: ClaimsRequest? = nil, in session: Session,
        issuer: Issuer, audience: [String]? = nil, accessTokenLifetime: Lifetime? = nil,
        redeemableUntil end: Timestamp? = nil, details: AuthorizationDetails? = nil,
        organization: Organization.ID? = nil, at now: Timestamp
    ) {
        id = ID(at: now)
        clientID = client.id
        userID = session.userID
        sessionID = session.id
        self.issuer = issuer.text
        self.scope = scope
        self.audience = audience ?? [client.defaultAudience]
        self.claims = GrantedClaims(claims)
        authorizationDetails = details
        isOffline = scope.contains(Scope.offlineAccess)
        authenticatedAt = session.authenticatedAt
        authenticationMethods = session.authenticationMethods
        createdAt = now
        // Long enough for the code and the access token that it yields; a refresh token extends it.
        expiresAt =
            (end ?? now + AuthorizationCode.lifetime)
            + (accessTokenLifetime ?? client.policies.accessTokenLifetime)
        revokedAt = nil
        confirmation = nil
        organizationID = organization
        through = session.through
    }

    /// Makes a grant that stands on the word of another issuer (RFC 7523 §2.1).
    ///
    /// Nobody signed in here: no session is named by its `sessionID`, and none ends it.
    init(
        to client: Client, of user: User.ID, scope: Scope, issuer: Issuer, target: TokenTarget,
        at now: Timestamp
    ) {
        id = ID(at: now)
        clientID = client.id
        userID = user
        sessionID = Session.ID(at: now)
        self.issuer = issuer.text
        self.scope = scope
        audience = target.audience
        claims = GrantedClaims(nil)
        isOffline = true
        authenticatedAt = now
        authenticationMethods = []
        createdAt = now
        expiresAt = now + target.lifetime
        revokedAt = nil
        confirmation = nil
        organizationID = nil
        through = nil
    }

    /// The same grant of somebody who may act because of an organization.
    func given(through organization: Organization.ID?) -> Grant {
        var grant = self
        grant.through = organization
        return grant
    }

    /// The same grant with another organization selected, or none.
    func selecting(_ organization: Organization.ID?) -> Grant {
        var grant = self
        grant.organizationID = organization
        return grant
    }

    /// The same grant, as one that is revoked with a consent.
    func standing(on consent: Consent.ID?) -> Grant {
        var grant = self
        grant.consentID = consent
        return grant
    }

    /// The same grant, made to last.
    func lasting() -> Grant {
        var grant = self
        grant.expiresAt = createdAt + Self.lifetime
        return grant
    }

    /// The same grant of no more than the person allowed of what the client asked for.
    ///
    /// Claims that were asked for by name go with the scope that they belong to: others' clients get
    /// none that the person was not asked about.
    func narrowed(to allowed: Scope, for client: Client) -> Grant {
        var grant = self
        grant.scope = allowed
        grant.isOffline = allowed.contains(Scope.offlineAccess)
        grant.claims = claims.filter { claim in
            let scope = IdentityClaims.scope(of: claim)
            return allowed.contains(scope)
                || !(client.isOfThirdParty || self.scope.contains(scope))
        }
        return grant
    }

    /// The same grant, as far as a token request asks for it (RFC 9396 §6); all of it unless it says
    /// so.
    func narrowed(to details: AuthorizationDetails?) throws(OAuthError) -> Grant {
        guard let details else { return self }
        guard let granted = authorizationDetails, details.isCovered(by: granted) else {
            throw OAuthError(
                .invalidAuthorizationDetails, "The authorization_details exceed what was granted.")
        }
        var grant = self
        grant.authorizationDetails = details
        return grant
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        userID = User.ID(stored: try row.text("user_id"))
        sessionID = Session.ID(stored: try row.text("session_id"))
        issuer = try row.text("issuer")
        scope = try Scope(parsing: try row.text("scope"))
        audience = try row.text("audience").split(separator: " ").map(String.init)
        claims = try GrantedClaims(stored: try row.optionalText("claims"))
        authorizationDetails = try row.optionalText("authorization_details")
            .map { try AuthorizationDetails(parsing: $0) }
        isOffline = try row.integer("offline") == 1
        authenticatedAt = Timestamp(milliseconds: try row.integer("authenticated_at"))
        authenticationMethods = [AuthenticationMethod](
            stored: try row.text("authentication_methods"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        expiresAt = Timestamp(milliseconds: try row.integer("expires_at"))
        revokedAt = try row.optionalInteger("revoked_at").map(Timestamp.init(milliseconds:))
        confirmation = try row.optionalText("confirmation").map(Confirmation.init(stored:))
        organizationID = try row.optionalText("organization_id")
            .map(Organization.ID.init(stored:))
        consentID = try row.optionalText("consent_id").map(Consent.ID.init(stored:))
        through = try row.optionalText("through_organization_id")
            .map(Organization.ID.init(stored:))
    }
}
