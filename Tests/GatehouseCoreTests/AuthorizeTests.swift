import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `An authorization request` {
        private static let proof = [
            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
        ]

        private func begin(
            _ world: World, _ parameters: [(String, String)], from browser: Browser
        ) async throws -> Authorize.Outcome {
            try await world.gatehouse.authorize.begin(
                FormParameters(parameters), at: world.acme, through: world.issuer, from: browser,
                on: World.occasion())
        }

        @Test(arguments: Backend.available)
        func `GH-001, GH-002, GH-058: is answered nowhere before its address is proven`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let client = ("client_id", world.web.id.text)
                let evil = ("redirect_uri", "https://evil.test/cb")
                let bad = [("scope", "\""), ("response_type", "token"), ("state", "s")]
                let refused: [(Authorize.Refusal.Rule, [(String, String)])] = [
                    (.noClientID, [evil]), (.noRedirectURI, [client]),
                    (.repeatedClientID, [client, client, evil]),
                    (.repeatedRedirectURI, [client, evil, ("redirect_uri", World.callback)]),
                    (.unregisteredRedirectURI, [client, evil]),
                    (.unregisteredRedirectURI, [client, ("redirect_uri", World.callback + "?x")]),
                    (.unknownClient, [("client_id", Client.ID(at: World.start).text), evil]),
                    (.unknownClient, [("client_id", "' OR 1=1--"), evil]),
                ]
                for (rule, parameters) in refused {
                    let outcome = try await begin(world, parameters + bad, from: browser)
                    guard case .refused(let refusal) = outcome else { throw Unexpected() }
                    #expect(refusal.rule == rule)
                }
                #expect(try await world.count(.grantCreated) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is answered with what is wrong once its address is proven`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let wrong: [(String, [(String, String)])] = [
                    ("invalid_request", []),  // GH-059
                    ("invalid_scope", Self.proof + [("scope", "openid admin")]),
                    ("invalid_scope", Self.proof + [("scope", "a\"b")]),
                    ("invalid_request", Self.proof + [("prompt", "none login")]),
                    ("invalid_request", Self.proof + [("id_token_hint", "a.b.c")]),  // GH-017
                    ("invalid_request", Self.proof + [("state", "a"), ("state", "b")]),
                    ("invalid_request_object", Self.proof + [("request", "x")]),
                ]
                for (error, parameters) in wrong {
                    let outcome = try await world.authorize(world.web, parameters, from: browser)
                    #expect(try outcome.error == error)
                    #expect(try outcome.code == nil)
                }
                #expect(try await world.count(.grantCreated) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-017: without a page is answered only for whom is expected`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let stranger = Browser(secret: nil, session: nil)
                let silent = Self.proof + [("prompt", "none"), ("scope", "openid")]
                let nobody = try await world.authorize(world.web, silent, from: stranger)
                #expect(try nobody.error == "login_required")
                let kays = try await world.signIn().browser
                let answer = try await world.authorize(world.web, silent, from: kays)
                let tokens = try await world.redeem(
                    try #require(try answer.code), by: world.web, after: .seconds(0))
                let hint = ("id_token_hint", try #require(tokens.idToken))
                #expect(
                    try await world.authorize(world.web, silent + [hint], from: kays).code != nil)
                let ada = try await otherBrowser(world)
                let other = try await world.authorize(world.web, silent + [hint], from: ada)
                #expect(try other.error == "login_required")
                let late = try await world.authorize(
                    world.web, silent + [hint], from: kays, after: .hours(1))
                #expect(try late.error == "login_required")
            }
        }

        /// A browser in which somebody else is signed in.
        private func otherBrowser(_ world: World) async throws -> Browser {
            let ada = User(
                name: nil, email: nil, username: Username(parsing: "ada"), passwordHash: nil,
                at: World.start)
            let cookie = Secret(for: .session)
            try await world.records { records in
                _ = try records.users.insert(ada)
                try records.sessions.insert(
                    Session(of: ada.id, by: [.password], at: World.start), digest: cookie.digest)
            }
            return Browser(secret: nil, session: cookie)
        }

        @Test(arguments: Backend.available)
        func `GH-079: of a machine is refused`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let machine = try World.client("Machine", .machine)
                _ = try await world.gatehouse.clients.create(
                    machine, in: world.acme.id, on: World.occasion())
                let outcome = try await world.authorize(
                    machine, Self.proof, from: Browser(secret: nil, session: nil))
                #expect(try outcome.error == "unauthorized_client")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-193: finds no session that was left alone for a day`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let silent = Self.proof + [("prompt", "none")]
                let soon = try await world.authorize(
                    world.web, silent, from: world.signIn().browser, after: .hours(23))
                #expect(try soon.code != nil)
                // Also when the clock was set back after somebody noticed.
                for delay in [Lifetime.hours(24), .hours(23)] {
                    let late = try await world.authorize(
                        world.web, silent, from: browser, after: delay)
                    #expect(try late.error == "login_required")
                }
            }
        }

        private struct Unexpected: Error {}
    }
}
