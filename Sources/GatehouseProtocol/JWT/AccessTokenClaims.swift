private import GatehouseEncoding

/// The claims of an access token in the JWT profile (RFC 9068 §2.2).
public struct AccessTokenClaims: Sendable {
    /// The address that the token was asked for through.
    public var issuer: Issuer
    /// The user, or the client where no user is involved.
    public var subject: String
    /// Whom the token is meant for.
    public var audience: [String]
    /// The client by its `client_id`.
    public var clientID: String
    /// Seconds since 1970, as all times here.
    public var issuedAt: Int64
    /// When the token stops being valid.
    public var expiresAt: Int64
    /// The name of this one token (`jti`).
    public var tokenID: String
    /// The scope values.
    public var scope: Scope
    /// When the person signed in; nil where no user is involved.
    public var authenticatedAt: Int64?
    /// The grant that the token stands on: what revocation ends.
    public var grantID: String?
    /// What the person allowed somebody else's client, and may take back (`sid`); nil where they did
    /// not have to be asked.
    public var consentID: String?
    /// What is known of the person, and the names of the claims that the settings of the client or
    /// of the resource put into access tokens.
    public var identity: (known: IdentityClaims, names: Set<String>)?
    /// What whoever presents the token has to prove; nil for a bearer token.
    public var confirmation: Confirmation?
    /// How the person came to be known (`acr`, RFC 9068 §2.2.1).
    public var contextClass: AuthenticationContextClass?
    /// Who uses the token for its subject; nil if nobody does (`act`, RFC 8693 §4.1).
    public var actors: ActorChain?
    /// The only client that may go on from here, by its `client_id`; nil for any that a policy lets
    /// (`may_act`, RFC 8693 §4.4).
    public var mayAct: String?
    /// What the token is for, in full (RFC 9396 §9.1).
    public var authorizationDetails: AuthorizationDetails?
    /// What the client is told of organizations; nil if nothing.
    public var organizations: OrganizationClaims?

    /// Makes claims of all that an access token says.
    public init(
        issuer: Issuer, subject: String, audience: [String], clientID: String, issuedAt: Int64,
        expiresAt: Int64, tokenID: String, scope: Scope, authenticatedAt: Int64?,
        grantID: String?, identity: (known: IdentityClaims, names: Set<String>)?
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
        self.clientID = clientID
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.scope = scope
        self.authenticatedAt = authenticatedAt
        self.grantID = grantID
        self.identity = identity
    }

    /// The `typ` of the token's header (RFC 9068 §2.1).
    public static let type = "at+jwt"

    /// The claims as the payload of a JWT.
    package func serialized() -> [UInt8] {
        JSONWriter.object { json in
            json.add("iss", issuer.text)
            json.add("sub", subject)
            if audience.count == 1 {
                json.add("aud", audience[0])
            } else {
                json.add("aud", audience)
            }
            json.add("client_id", clientID)
            json.add("iat", issuedAt)
            json.add("nbf", issuedAt)
            json.add("exp", expiresAt)
            json.add("jti", tokenID)
            if !scope.isEmpty { json.add("scope", scope.text) }
            if let details = authorizationDetails {
                json.add("authorization_details", details.json)
            }
            if let authenticatedAt { json.add("auth_time", authenticatedAt) }
            if let contextClass { json.add("acr", contextClass.rawValue) }
            if let grantID { json.add("gid", grantID) }
            if let consentID { json.add("sid", consentID) }
            if let confirmation { json.add("cnf", .object(confirmation.jsonObject)) }
            if let actors { json.add("act", .object(actors.jsonObject)) }
            if let mayAct { json.add("may_act", ["sub": .string(mayAct)]) }
            organizations?.write(to: &json)
            if let identity { identity.known.write(named: identity.names, to: &json) }
        }
    }
}
