import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import Testing

/// A client that signs its requests, and the key it signs them with.
private struct SigningClient: Sendable {
    let world: World
    let client: Client
    let key: SigningKey

    init(_ world: World, _ profile: ClientProfile = .standard) async throws {
        self.world = world
        key = try SigningKey(generating: .es256)
        var client = try World.client("Signs", .web)
        client.authentication = .privateKeyJWT(
            .registered(JSONWebKeySet([key.publicKey])))
        client.adopt(profile)
        self.client = client
        _ = try await world.gatehouse.clients.create(
            client, in: world.acme.id, on: World.occasion())
    }

    /// A good request of the client, with changes; nil leaves a claim out.
    func object(
        _ changes: [String: JSONValue?] = [:], by key: SigningKey? = nil,
        type: TokenType = .authorizationRequest
    ) throws -> String {
        let now = World.start.seconds
        var claims: [String: JSONValue?] = [
            "iss": .string(client.id.text), "aud": .string(world.issuer.text),
            "client_id": .string(client.id.text), "response_type": "code",
            "redirect_uri": .string(World.callback), "scope": "openid", "state": "inside",
            "code_challenge": .string(World.challenge), "code_challenge_method": "S256",
            "nbf": .integer(now), "exp": .integer(now + 300),
            "response_mode": client.policies.profile.demands.contains(.signedResponses)
                ? "jwt" : nil,
        ]
        claims.merge(changes) { $1 }
        let object = JSONObject(claims.compactMap { name, value in value.map { (name, $0) } })
        return try Signer(key ?? self.key, type: type).sign(object.serialized())
    }

    /// Why an object is refused when the client pushes it; nil if it is taken.
    func refusal(
        _ changes: [String: JSONValue?] = [:], by key: SigningKey? = nil,
        type: TokenType = .authorizationRequest
    ) async throws -> OAuthError.Code? {
        let object = try object(changes, by: key, type: type)
        return try await GatehouseCoreTests.refusal { try await push([("request", object)]) }
    }

    func push(_ parameters: [(String, String)]) async throws -> PushAuthorizationRequest.Receipt {
        try await world.gatehouse.pushAuthorizationRequest.push(
            FormParameters(parameters), with: nil, by: client, of: world.acme,
            through: world.issuer, on: World.occasion())
    }
}

extension UseCases {
    @Suite struct `A signed request` {
        @Test(arguments: Backend.available)
        func `takes the place of everything beside it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let signing = try await SigningClient(world)
                let browser = try await world.signIn().browser
                let outcome = try await world.authorize(
                    signing.client,
                    [
                        ("request", try signing.object()), ("state", "outside"),
                        ("scope", "openid admin"), ("prompt", "login"),
                    ], from: browser)
                #expect(try outcome.code != nil)
                #expect(try outcome.answer?[.state] == "inside")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-331: is of the client, for this issuer, and now`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let signing = try await SigningClient(world)
                let now = World.start.seconds
                let id = signing.client.id.text
                let good: [(String, JSONValue?)] = [
                    ("iss", nil), ("aud", nil), ("exp", nil), ("nbf", nil),
                    ("aud", .array(["https://x.test", .string(world.issuer.text)])),
                    ("nbf", .integer(now + 8)), ("nbf", .integer(now - 7_200)),
                    ("exp", .integer(now + 86_400)), ("sub", "somebody"), ("max_age", 300),
                ]
                for (name, value) in good {
                    #expect(try await signing.refusal([name: value]) == nil, "\(name)")
                }
                let bad: [(String, JSONValue?)] = [
                    ("client_id", nil), ("client_id", .string(world.web.id.text)),
                    ("iss", .string(world.web.id.text)), ("sub", .string(id)),
                    ("aud", "https://id.test/t/umbra"), ("aud", .array([])), ("aud", 1),
                    ("exp", .integer(now - 60)), ("nbf", .integer(now + 60)),
                    ("iat", .integer(now + 60)), ("exp", "soon"), ("request", "a.b.c"),
                    ("request_uri", "urn:x"), ("state", .null),
                ]
                for (name, value) in bad {
                    let refusal = try await signing.refusal([name: value])
                    #expect(refusal == .invalidRequestObject, "\(name)")
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-331: is signed by the client's key, as a request`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let signing = try await SigningClient(world)
                let other = try await SigningClient(world)
                #expect(try await signing.refusal(type: .jwt) == nil)
                #expect(try await signing.refusal(by: other.key) == .invalidRequestObject)
                let types: [TokenType] = [
                    .accessToken, .dpopProof, .logoutToken, .clientAuthentication,
                    .introspection,
                ]
                for type in types {
                    #expect(try await signing.refusal(type: type) == .invalidRequestObject)
                }
                for text in ["", "a.b.c", "e30.e30.", "a"] {
                    let refusal = try await refusal {
                        try await signing.push([("request", text)])
                    }
                    #expect(refusal == .invalidRequestObject || text.isEmpty)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `is bounded to an hour where the profile asks for that`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let signing = try await SigningClient(world, .fapi2MessageSigning)
                let now = World.start.seconds
                let good: [[String: JSONValue?]] = [
                    [:], ["nbf": .integer(now + 8), "exp": .integer(now + 308)],
                    ["nbf": .integer(now - 3_590), "exp": .integer(now + 9)],
                    ["exp": .integer(now + 3_600)],
                ]
                for changes in good { #expect(try await signing.refusal(changes) == nil) }
                let bad: [[String: JSONValue?]] = [
                    ["exp": nil], ["nbf": nil], ["aud": nil], ["exp": .integer(now + 3_700)],
                    ["nbf": .integer(now - 3_700), "exp": .integer(now - 200)],
                    ["nbf": .integer(now - 3_700), "exp": .integer(now + 60)],
                ]
                for changes in bad {
                    #expect(try await signing.refusal(changes) == .invalidRequestObject)
                }
                let plain = try await refusal {
                    try await signing.push([("response_type", "code")])
                }
                #expect(plain == .invalidRequest)
            }
        }
    }
}
