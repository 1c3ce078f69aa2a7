import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

/// A small installation: the tenant *acme* with the user *kay*, the confidential client *web* and
/// the public client *phone*; and a neighbour, the tenant *umbra*, with nothing in common.
///
/// Time stands still at `start`; a test says how much later something happens.
struct World: Sendable {
    static let start = Timestamp(milliseconds: 1_800_000_000_000)
    static let key = [UInt8](repeating: 7, count: 32)
    static let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    static let callback = "https://web.test/cb"

    private static let hasher = Result {
        try PasswordHasher(memory: 64, threads: 2, patience: .seconds(600))
    }

    let gatehouse: Gatehouse
    let elsewhere = Elsewhere()
    let nameServers = TestNameServers()
    let relay = TestRelay()
    let acme: Tenant
    let umbra: Tenant
    let kay: User
    let web: Client
    let webSecret: Secret
    let phone: Client

    var database: any Database { gatehouse.database }
    var issuer: Issuer { Issuer(stored: "https://id.test/t/acme") }

    /// Makes the world in an empty database.
    init(_ database: any Database) async throws {
        let key = try #require(InstanceKey(Self.key))
        _ = try await Instance.open(database, key: key, at: Self.start)
        gatehouse = Gatehouse(
            database: database, instanceKey: key, hasher: try Self.hasher.get(),
            outbound: elsewhere,
            textRecords: nameServers, mail: relay)
        acme = Self.tenant("acme")
        umbra = Self.tenant("umbra")
        kay = User(
            name: DisplayName(parsing: "Kay"), email: EmailAddress(parsing: "kay@acme.test"),
            username: Username(parsing: "kay"), passwordHash: nil, at: Self.start)
        web = try Self.client("Web", .web)
        phone = try Self.client("Phone", .native)
        try await database.write { [acme, umbra, kay] transaction in
            for tenant in [acme, umbra] { _ = try transaction.tenants.insert(tenant) }
            _ = try transaction.records(of: acme.id).users.insert(kay)
        }
        let occasion = Self.occasion()
        let secret = try await gatehouse.clients.create(web, in: acme.id, on: occasion)
        webSecret = try #require(secret)
        _ = try await gatehouse.clients.create(phone, in: acme.id, on: occasion)
    }

    private static func tenant(_ slug: Slug) -> Tenant {
        Tenant(
            slug: slug, name: slug.text, registrationIsOpen: true, explainsErrors: false,
            at: start)
    }

    /// A client of the kind, with the callback of all.
    static func client(_ name: String, _ kind: Client.Kind) throws -> Client {
        var client = Client(
            name: try #require(DisplayName(parsing: name)), kind: kind, at: start)
        client.redirectURIs = [try RedirectURI(registering: callback)]
        client.postLogoutRedirectURIs = [try RedirectURI(registering: "https://web.test/bye")]
        client.policies.idTokenAlgorithm = .es256
        return client
    }

    /// A request so long after the start.
    static func occasion(after delay: Lifetime = .seconds(0)) -> Occasion {
        Occasion(now: start + delay, requestID: "req_test", address: "192.0.2.1")
    }
}

extension Backend {
    /// Runs the body in a world of its own.
    func withWorld(_ body: (World) async throws -> Void) async throws {
        try await withDatabase { try await body(try await World($0)) }
    }
}

/// The error that the operation throws, as the code that a client is told; nil if it throws none.
func refusal<Value>(_ operation: () async throws -> Value) async throws -> OAuthError.Code? {
    do {
        _ = try await operation()
        return nil
    } catch let error as OAuthError {
        return error.code
    }
}

extension World {
    // MARK: What is there already

    /// A browser of kay's that is signed in at acme.
    struct SignedIn: Sendable {
        let session: Session
        let browser: Browser
    }

    /// Signs kay in, in a browser of its own.
    func signIn(after delay: Lifetime = .seconds(0)) async throws -> SignedIn {
        let session = Session(of: kay.id, by: [.password], at: Self.start + delay)
        let cookie = Secret(for: .session)
        try await records { try $0.sessions.insert(session, digest: cookie.digest) }
        return SignedIn(
            session: session, browser: Browser(secret: Secret(for: .browser), session: cookie))
    }

    /// A code on its way to its client.
    struct IssuedCode: Sendable {
        let secret: Secret
        let grant: Grant
        let session: Session
    }

    /// What kay allows the client in a new session.
    func grant(
        to client: Client, _ scope: Scope = .identity, after delay: Lifetime = .seconds(0)
    ) async throws -> (Grant, Session) {
        let session = try await signIn(after: delay).session
        let grant = Grant(
            to: client, scope: scope, in: session, issuer: issuer, at: Self.start + delay)
        try await records { try $0.grants.insert(grant) }
        return (grant, session)
    }

    /// A code for the client, issued at the start to a browser in which kay is signed in.
    func code(
        for client: Client, _ scope: Scope = .identity, challenge: String? = challenge
    ) async throws -> IssuedCode {
        let signedIn = try await signIn()
        var parameters = [("scope", scope.text), ("nonce", "n-0S6")]
        if let challenge {
            parameters += [("code_challenge", challenge), ("code_challenge_method", "S256")]
        }
        let outcome = try await authorize(client, parameters, from: signedIn.browser)
        let secret = try #require(try outcome.code)
        let grant = try await records { records in
            try records.oneTimeSecrets.find(secret)?.grantID.flatMap(records.grants.find)
        }
        return IssuedCode(
            secret: secret, grant: try #require(grant), session: signedIn.session)
    }

    /// A refresh token that the client got at the start.
    func refreshToken(
        for client: Client, _ scope: Scope = .identity
    ) async throws -> (token: Secret, grant: Grant) {
        let id = try await grant(to: client, scope).0.id
        let token = Secret(for: .refreshToken)
        let grant = try await records { records in
            try records.grants.extend(id, to: Self.start + Grant.lifetime)
            let grant = try #require(try records.grants.find(id))
            try records.refreshTokens.insert(RefreshToken(token, of: grant, at: Self.start))
            return grant
        }
        return (token, grant)
    }

    // MARK: What happens

    /// Brings an authorization request of the client, with these parameters besides the usual.
    func authorize(
        _ client: Client, _ parameters: [(String, String)], from browser: Browser,
        after delay: Lifetime = .seconds(0)
    ) async throws -> Authorize.Outcome {
        let usual = [
            ("response_type", "code"), ("client_id", client.id.text),
            ("redirect_uri", Self.callback),
        ]
        return try await gatehouse.authorize.begin(
            FormParameters(usual + parameters), at: acme, through: issuer, from: browser,
            on: Self.occasion(after: delay))
    }

    /// Exchanges a code as an honest client does, unless told otherwise.
    func redeem(
        _ code: Secret, by client: Client, verifier: String? = verifier,
        redirectURI: String? = callback, after delay: Lifetime = .seconds(1)
    ) async throws -> TokenResponse {
        try await gatehouse.authorizationCodeGrant.redeem(
            AuthorizationCodeRequest(
                code: code.revealed, redirectURI: redirectURI, codeVerifier: verifier),
            by: client, of: acme, through: issuer, on: Self.occasion(after: delay))
    }

    /// Presents a refresh token.
    func refresh(
        _ token: Secret, by client: Client, scope: Scope? = nil,
        after delay: Lifetime = .seconds(1)
    ) async throws -> TokenResponse {
        try await gatehouse.refreshTokenGrant.redeem(
            RefreshTokenRequest(refreshToken: token.revealed, scope: scope), by: client, of: acme,
            through: issuer, on: Self.occasion(after: delay))
    }

    // MARK: What became of it

    /// Does something with the records of acme.
    @discardableResult
    func records<Value: Sendable>(
        _ body: @escaping @Sendable (TenantRecords) throws -> Value
    ) async throws -> Value {
        try await database.write { [acme] in try body($0.records(of: acme.id)) }
    }

    /// True if the grant was revoked or is gone.
    func isRevoked(_ grant: Grant) async throws -> Bool {
        try await records { try $0.grants.find(grant.id)?.revokedAt != nil }
    }

    /// How often something of this kind was recorded.
    func count(_ kind: Event.Kind) async throws -> Int {
        try await records { try $0.events.latest(1_000).count { $0.kind == kind.rawValue } }
    }
}

extension Authorize.Outcome {
    /// The parameters of the answer to the client; nil if there is none yet.
    var answer: FormParameters? {
        get throws {
            guard case .answered(.redirect(let url)) = self else { return nil }
            return try FormParameters(
                decoding: url.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst())
        }
    }

    /// The code in the answer.
    var code: Secret? {
        get throws { try answer?[.code].flatMap { Secret($0, for: .authorizationCode) } }
    }

    /// The error in the answer.
    var error: String? {
        get throws { try answer?[ParameterName("error")] }
    }
}

extension TokenResponse {
    /// The refresh token, read as the client that got it would present it.
    var nextToken: Secret? {
        refreshToken.flatMap { Secret($0, for: .refreshToken) }
    }
}
