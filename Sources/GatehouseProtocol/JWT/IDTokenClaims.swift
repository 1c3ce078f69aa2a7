private import GatehouseEncoding

/// The claims of an ID token (OpenID Connect Core §2).
public struct IDTokenClaims: Sendable, Equatable {
    /// The address that the token was asked for through.
    public var issuer: Issuer
    /// Whom it is about, by an identifier that never changes.
    public var subject: String
    /// The client: the only audience.
    public var audience: String
    /// Seconds since 1970, as all times here.
    public var issuedAt: Int64
    /// When the token stops being valid.
    public var expiresAt: Int64
    /// When the person proved who they are.
    public var authenticatedAt: Int64
    /// What the client sent to tie the token to its request.
    public var nonce: String?
    /// How the person proved who they are (RFC 8176).
    public var authenticationMethods: [String]
    /// The session at this issuer (OpenID Connect Front-Channel Logout §3).
    public var sessionID: String?
    /// The left half of the access token's digest (OpenID Connect Core §3.1.3.6).
    public var accessTokenHash: String?
    /// What is known of the person.
    public var identity: IdentityClaims
    /// The scope values.
    public var scope: Scope
    /// How the person came to be known (`acr`), as the methods above deserve.
    public var contextClass: AuthenticationContextClass?
    /// The claims about the person that were asked for by name.
    public var requestedClaims: [String] = []
    /// What the client is told of organizations; nil if nothing.
    public var organizations: OrganizationClaims?

    /// Makes claims of all that an ID token says.
    public init(
        issuer: Issuer, subject: String, audience: String, issuedAt: Int64, expiresAt: Int64,
        authenticatedAt: Int64, nonce: String?, authenticationMethods: [String],
        sessionID: String?, accessTokenHash: String?, identity: IdentityClaims, scope: Scope
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.authenticatedAt = authenticatedAt
        self.nonce = nonce
        self.authenticationMethods = authenticationMethods
        self.sessionID = sessionID
        self.accessTokenHash = accessTokenHash
        self.identity = identity
        self.scope = scope
    }

    /// The claims as the payload of a JWT.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", issuer.text)
            json.add("sub", subject)
            json.add("aud", audience)
            json.add("iat", issuedAt)
            json.add("exp", expiresAt)
            json.add("auth_time", authenticatedAt)
            if let nonce { json.add("nonce", nonce) }
            if !authenticationMethods.isEmpty { json.add("amr", authenticationMethods) }
            if let contextClass { json.add("acr", contextClass.rawValue) }
            json.add("azp", audience)
            if let accessTokenHash { json.add("at_hash", accessTokenHash) }
            if let sessionID { json.add("sid", sessionID) }
            organizations?.write(to: &json)
            identity.write(for: scope, and: requestedClaims, to: &json)
        }
    }
}
