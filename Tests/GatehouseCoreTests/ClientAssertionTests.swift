import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

/// A client that signs, and what it signs with.
private struct SigningClient: Sendable {
    static let address = "https://web.test/keys"

    let world: World
    let client: Client
    let key: SigningKey

    /// Registers a client with a key, or with the address of its keys.
    init(_ world: World, publishes: Bool = false, kind: Client.Kind = .web) async throws {
        self.world = world
        key = try SigningKey(generating: .es256)
        var client = try World.client("Signs", kind)
        let keys = JSONWebKeySet([key.publicKey])
        client.authentication = .privateKeyJWT(
            publishes
                ? .published(try #require(OutboundAddress(parsing: Self.address)))
                : .registered(keys))
        self.client = client
        let secret = try await world.gatehouse.clients.create(
            client, in: world.acme.id, on: World.occasion())
        #expect(secret == nil)
        if publishes { publish([key]) }
    }

    /// Has the client's host answer with these keys.
    func publish(_ keys: [SigningKey]) {
        world.elsewhere.answer(JSONWebKeySet(keys.map(\.publicKey)).jsonObject.serialized())
    }

    /// The claims of a good assertion, with changes; nil leaves one out.
    func claims(_ changes: [String: JSONValue?] = [:], after delay: Lifetime) -> JSONObject {
        let now = (World.start + delay).seconds
        var claims: [String: JSONValue?] = [
            "iss": .string(client.id.text), "sub": .string(client.id.text),
            "aud": .string(world.issuer.text), "iat": .integer(now), "exp": .integer(now + 60),
            "jti": .string(Event.ID(at: World.start).text),
        ]
        claims.merge(changes) { $1 }
        return JSONObject(claims.compactMap { name, value in value.map { (name, $0) } })
    }

    func assertion(
        _ changes: [String: JSONValue?] = [:], by key: SigningKey? = nil, type: TokenType = .jwt,
        after delay: Lifetime = .seconds(1)
    ) throws -> String {
        try Signer(key ?? self.key, type: type)
            .sign(claims(changes, after: delay).serialized())
    }

    func authenticate(
        _ assertion: String, after delay: Lifetime = .seconds(1), at tenant: Tenant? = nil
    ) async throws -> Client {
        let form = FormParameters([
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            ),
            ("client_assertion", assertion),
        ])
        return try await world.gatehouse.clientAuthenticator.authenticate(
            ClientAuthentication(authorization: [], form: form), of: tenant ?? world.acme,
            through: world.issuer, on: World.occasion(after: delay))
    }

    /// Whether an assertion is taken.
    func isTaken(
        _ changes: [String: JSONValue?] = [:], by key: SigningKey? = nil, type: TokenType = .jwt,
        after delay: Lifetime = .seconds(1)
    ) async throws -> Bool {
        let assertion = try assertion(changes, by: key, type: type, after: delay)
        let refusal = try await refusal { try await authenticate(assertion, after: delay) }
        #expect(refusal == nil || refusal == .invalidClient)
        return refusal == nil
    }
}

extension UseCases {
    @Suite struct `A client's assertion` {
        private static func wrongAudiences(_ issuer: String) -> [(String, JSONValue?)] {
            [
                ("aud", nil), ("aud", .array([.string(issuer)])),
                ("aud", .array([.string(issuer), .string("x")])), ("aud", .string(issuer + "/")),
                ("aud", .string(issuer + "/oauth2/token")), ("aud", .string(issuer + "x")),
                ("aud", .string("https://id.test/t/umbra")), ("aud", .string("")),
            ]
        }

        @Test(arguments: Backend.available)
        func `GH-095, GH-097: is taken with right claims only`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world)
                let now = (World.start + .seconds(1)).seconds
                let good: [(String, JSONValue?)] = [
                    ("extra", .object(["a": 1])), ("iat", nil), ("nbf", .integer(now + 8)),
                    ("iat", .integer(now + 8)), ("exp", .integer(now + 3_600)),
                    ("exp", .integer(now - 5)), ("exp", .number(Double(now) + 30.5)),
                ]
                for (name, value) in good {
                    #expect(try await client.isTaken([name: value]), "\(name)")
                }
                for (name, value) in Self.wrongAudiences(world.issuer.text) {
                    #expect(try await !client.isTaken([name: value]))
                }
                let id = client.client.id.text
                let bad: [(String, JSONValue?)] = [
                    ("iss", nil), ("sub", .string(world.phone.id.text)), ("iss", .string("x")),
                    ("iss", .array([.string(id)])), ("exp", nil), ("exp", .integer(now - 300)),
                    ("exp", .integer(now + 3_700)), ("exp", .integer(now + 315_360_000)),
                    ("exp", .string("\(now + 60)")), ("exp", .number(1e300)),
                    ("exp", .integer(-1)), ("exp", .integer(.max)), ("nbf", .integer(now + 61)),
                    ("iat", .integer(now + 61)), ("nbf", .string("soon")), ("jti", nil),
                    ("jti", .string("")), ("jti", .integer(1)), ("jti", .null),
                    ("jti", .array([.string("a")])),
                ]
                for (name, value) in bad {
                    #expect(try await !client.isTaken([name: value]), "\(name)")
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-098, GH-139: is taken by the client's key and type only`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world)
                let other = try await SigningClient(world)
                #expect(try await client.isTaken(type: .clientAuthentication))
                for type: TokenType in [
                    .accessToken, .dpopProof, .logoutToken, .authorizationRequest,
                ] {
                    #expect(try await !client.isTaken(type: type))
                }
                #expect(try await !client.isTaken(by: other.key))
                for algorithm in Algorithm.allCases {
                    let stranger = try SigningKey(
                        generating: algorithm, keyID: client.key.publicKey.keyID)
                    #expect(try await !client.isTaken(by: stranger))
                }
                let elsewhere = try await refusal {
                    try await client.authenticate(client.assertion(), at: world.umbra)
                }
                #expect(elsewhere == .invalidClient)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-094: works once, among many at once and ever after`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world)
                for _ in 0..<3 {
                    let assertion = try client.assertion()
                    let outcomes = await concurrently(64) { _ in
                        try await client.authenticate(assertion)
                    }
                    let taken = outcomes.count { if case .success = $0 { true } else { false } }
                    #expect(taken == 1)
                    for case .failure(let error) in outcomes {
                        #expect((error as? OAuthError)?.code == .invalidClient)
                    }
                }
                #expect(try await world.count(.clientAssertionReused) == 3)
                // Thousands more do not make the server forget the first.
                let first = try client.assertion(["jti": "first"])
                _ = try await client.authenticate(first)
                for _ in 0..<50 { _ = try await client.authenticate(client.assertion()) }
                let again = try await refusal {
                    try await client.authenticate(first, after: .seconds(60))
                }
                #expect(again == .invalidClient)
                // The same name is another client's to use.
                let other = try await SigningClient(world)
                #expect(try await other.isTaken(["jti": "first"]))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-094, GH-319: leaves nothing behind unless the client signed it`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                func count() async throws -> Int64 {
                    try await world.database.read {
                        try $0.row("SELECT count(*) AS n FROM client_assertion")?
                            .integer("n") ?? -1
                    }
                }
                let client = try await SigningClient(world)
                let stranger = try SigningKey(generating: .es256)
                for _ in 0..<20 { #expect(try await !client.isTaken(by: stranger)) }
                #expect(try await count() == 0)
                let long = String(repeating: "é\u{301}", count: 2_000)
                #expect(try await client.isTaken(["jti": .string(long)]))
                #expect(try await count() == 1)
                // Its row goes when the assertion is over on every node.
                let job = RemoveExpired(database: world.database, holder: "a")
                _ = try await job.run(at: World.start + .minutes(6))
                #expect(try await count() == 1)
                _ = try await job.run(at: World.start + .minutes(7))
                #expect(try await count() == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is the one way of a client that is registered so`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world)
                #expect(client.client.isConfidential)
                let native = try await SigningClient(world, kind: .native)
                #expect(native.client.isConfidential)
                #expect(try await native.isTaken())
                let secret = Secret(for: .clientSecret)
                let id = client.client.id.text
                try await world.records {
                    try $0.clients.add(
                        ClientSecret(secret, at: World.start), to: client.client.id)
                }
                for wrong in [
                    .none(clientID: id), .clientSecretBasic(clientID: id, secret: secret.revealed),
                    .clientSecretPost(clientID: id, secret: secret.revealed),
                ] as [ClientAuthentication] {
                    let error = try await refusal {
                        try await world.gatehouse.clientAuthenticator.authenticate(
                            wrong, of: world.acme, through: world.issuer,
                            on: World.occasion(after: .seconds(1)))
                    }
                    #expect(error == .invalidClient)
                }
                #expect(try await client.isTaken())
            }
        }

        @Test(arguments: Backend.available)
        func `GH-103: is worthless once the client has other keys or a secret`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world)
                #expect(try await client.isTaken())
                let newer = try SigningKey(generating: .edDSA)
                try await client.change(
                    to: .privateKeyJWT(.registered(JSONWebKeySet([newer.publicKey]))))
                #expect(try await !client.isTaken())
                #expect(try await client.isTaken(by: newer))
                try await client.change(to: .clientSecretPost)
                #expect(try await !client.isTaken(by: newer))
                let added = try await world.gatehouse.clients.addSecret(
                    to: client.client.id, in: world.acme.id, on: World.occasion())
                let secret = added.secret.revealed
                let id = client.client.id.text
                func error(_ way: ClientAuthentication) async throws -> OAuthError.Code? {
                    try await refusal {
                        try await world.gatehouse.clientAuthenticator.authenticate(
                            way, of: world.acme, through: world.issuer,
                            on: World.occasion(after: .seconds(1)))
                    }
                }
                let post = ClientAuthentication.clientSecretPost(clientID: id, secret: secret)
                let basic = ClientAuthentication.clientSecretBasic(clientID: id, secret: secret)
                #expect(try await error(post) == nil)
                #expect(try await error(basic) == .invalidClient)
                try await client.change(to: .clientSecretBasic)
                #expect(try await error(post) == .invalidClient)
                #expect(try await error(basic) == nil)
                // Its secrets end with the way that used them.
                try await client.change(
                    to: .privateKeyJWT(.registered(JSONWebKeySet([newer.publicKey]))))
                try await client.change(to: .clientSecret)
                #expect(try await error(basic) == .invalidClient)
            }
        }
    }

    @Suite struct `Keys that a client publishes` {
        @Test(arguments: Backend.available)
        func `GH-346: are asked for once, and again when they are old`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world, publishes: true)
                let outcomes = await concurrently(16) { _ in try await client.isTaken() }
                #expect(try outcomes.allSatisfy { try $0.get() })
                #expect(world.elsewhere.asked == [SigningClient.address])
                #expect(try await client.isTaken(after: .minutes(9)))
                #expect(world.elsewhere.asked.count == 1)
                #expect(try await client.isTaken(after: .minutes(11)))
                #expect(world.elsewhere.asked.count == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-346: are asked for again for a new name, but not by junk`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world, publishes: true)
                #expect(try await client.isTaken())
                let newer = try SigningKey(generating: .edDSA)
                client.publish([newer])
                // A minute has not passed yet: whoever drives this cannot make us ask.
                for _ in 0..<20 {
                    let junk = try SigningKey(generating: .es256)
                    #expect(try await !client.isTaken(by: junk, after: .seconds(30)))
                }
                #expect(world.elsewhere.asked.count == 1)
                #expect(try await client.isTaken(by: newer, after: .seconds(62)))
                #expect(world.elsewhere.asked.count == 2)
                // What is no longer published is no longer good.
                #expect(try await !client.isTaken(after: .seconds(62)))
                #expect(world.elsewhere.asked.count == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `are used a while longer if nobody answers`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world, publishes: true)
                #expect(try await client.isTaken())
                for (failure, minute) in zip(OutboundFailure.allCases, Int64(15)...) {
                    world.elsewhere.fail(failure)
                    #expect(try await client.isTaken(after: .minutes(minute * 2)))
                }
                #expect(try await !client.isTaken(after: .minutes(61)))
                client.publish([client.key])
                #expect(try await !client.isTaken(after: .minutes(61)))
                #expect(try await client.isTaken(after: .minutes(63)))
                try await world.gatehouse.usage.flush(to: world.database)
                #expect(
                    try await world.count(.clientKeysUnavailable)
                        == OutboundFailure.allCases.count + 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-353: are nothing but a key set that says so`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let client = try await SigningClient(world, publishes: true)
                let keys = JSONWebKeySet([client.key.publicKey]).jsonObject.serialized()
                let answers: [([UInt8], String, Int)] = [
                    (keys, "text/html", 200), (keys, "application/json", 404),
                    (keys, "application/json", 204), (keys, "", 200), ([], "application/json", 200),
                    (Array("{\"keys\":{}}".utf8), "application/json", 200),
                    (Array("[]".utf8), "application/jwk-set+json", 200),
                    (keys + keys, "application/json", 200),
                    (Array("{\"keys\":[]}".utf8), "application/json", 200),
                ]
                for (number, answer) in answers.enumerated() {
                    world.elsewhere.answer(answer.0, type: answer.1, status: answer.2)
                    let delay = Lifetime.minutes(Int64(number) * 2 + 1)
                    #expect(try await !client.isTaken(after: delay), "\(number)")
                    #expect(world.elsewhere.asked.count == number + 1)
                }
                world.elsewhere.answer(keys, type: "application/jwk-set+json")
                #expect(try await client.isTaken(after: .minutes(100)))
            }
        }
    }
}

extension SigningClient {
    /// Registers another way for the client.
    fileprivate func change(to authentication: Client.Authentication) async throws {
        let changed = try await world.gatehouse.clients.update(
            client.id, in: world.acme.id, on: World.occasion()
        ) { $0.authentication = authentication }
        #expect(changed != nil)
    }
}
