import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Signing out` {
        private static let bye = "https://web.test/bye"

        /// A browser in which kay uses the web client, and the ID token that the client got.
        private func signedIn(
            _ world: World
        ) async throws -> (browser: Browser, session: Session, hint: String) {
            let signedIn = try await world.signIn()
            let outcome = try await world.authorize(
                world.web,
                [
                    ("scope", "openid"), ("code_challenge", World.challenge),
                    ("code_challenge_method", "S256"),
                ], from: signedIn.browser)
            let tokens = try await world.redeem(
                try #require(try outcome.code), by: world.web, after: .seconds(0))
            return (signedIn.browser, signedIn.session, try #require(tokens.idToken))
        }

        private func request(_ parameters: [(String, String)]) -> EndSessionRequest {
            EndSessionRequest(FormParameters(parameters))
        }

        private func begin(
            _ world: World, _ parameters: [(String, String)], from browser: Browser
        ) async throws -> SignOut.Outcome {
            try await world.gatehouse.signOut.begin(
                request(parameters), at: world.acme, through: world.issuer, from: browser,
                on: World.occasion(after: .seconds(5)))
        }

        private func isLive(_ world: World, _ session: Session) async throws -> Bool {
            try await world.records { try $0.sessions.find(session.id)?.endedAt == nil }
        }

        @Test(arguments: Backend.available)
        func `happens at once where an ID token proves the request`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (browser, session, hint) = try await signedIn(world)
                let outcome = try await begin(
                    world,
                    [
                        ("id_token_hint", hint), ("post_logout_redirect_uri", Self.bye),
                        ("state", "a&b\r\n"),
                    ], from: browser)
                guard case .signedOut(let farewell) = outcome else { throw Unexpected() }
                #expect(farewell.destination?.url == Self.bye + "?state=a%26b%0D%0A")
                #expect(farewell.hadSession && !farewell.isReturnRefused)
                #expect(try await !isLive(world, session))
                #expect(try await world.count(.signedOut) == 1)
                let again = try await begin(world, [("id_token_hint", hint)], from: browser)
                guard case .signedOut(let second) = again else { throw Unexpected() }
                #expect(second.destination == nil && !second.hadSession)
                #expect(try await world.count(.signedOut) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-164: is confirmed by the person where nothing proves the request`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (browser, session, hint) = try await signedIn(world)
                let other = try await signedIn(world)
                for parameters in [
                    [], [("client_id", world.web.id.text)], [("id_token_hint", other.hint)],
                    [("id_token_hint", hint + "A")], [("id_token_hint", "a.b.c")],
                    [("id_token_hint", hint), ("client_id", world.phone.id.text)],
                    [("id_token_hint", hint), ("client_id", "nonsense")],
                    [("logout_hint", "kay")],
                ] {
                    let outcome = try await begin(world, parameters, from: browser)
                    guard case .confirm(let confirmation) = outcome else { throw Unexpected() }
                    #expect(confirmation.users.map(\.id) == [world.kay.id])
                    #expect(try await isLive(world, session))
                }
                #expect(try await world.count(.signedOut) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-164: needs the form that this browser was shown`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (browser, session, _) = try await signedIn(world)
                let other = try await signedIn(world)
                guard case .confirm(let mine) = try await begin(world, [], from: browser),
                    case .confirm(let theirs) = try await begin(world, [], from: other.browser)
                else { throw Unexpected() }
                for token in ["", "x", theirs.formToken, mine.formToken + "A"] {
                    let refused = try await confirm(world, token, from: browser)
                    #expect(refused == nil)
                }
                let strange = Browser(secret: Secret(for: .browser), session: browser.session)
                #expect(try await confirm(world, mine.formToken, from: strange) == nil)
                let bare = Browser(secret: nil, session: browser.session)
                #expect(try await confirm(world, mine.formToken, from: bare) == nil)
                #expect(try await isLive(world, session))
                guard
                    case .signedOut(let farewell)? = try await confirm(
                        world, mine.formToken, from: browser)
                else { throw Unexpected() }
                #expect(farewell.destination == nil && farewell.hadSession)
                #expect(try await !isLive(world, session))
                #expect(try await isLive(world, other.session))
            }
        }

        private func confirm(
            _ world: World, _ token: String, from browser: Browser
        ) async throws -> SignOut.Outcome? {
            try await world.gatehouse.signOut.confirm(
                request([]), formToken: token, at: world.acme, through: world.issuer,
                from: browser, on: World.occasion(after: .seconds(6)))
        }

        @Test(
            arguments: Backend.available,
            [
                "https://web.test/bye/", "https://web.test/bye?x=1", "https://WEB.test/bye",
                "https://web.test.evil.test/bye", "https://web.test@evil.test/bye", "//evil.test",
                "https://web.test/cb", "javascript:alert(1)", "", "https://evil.test",
            ])
        func `GH-166: sends the browser to no address but a registered one`(
            backend: Backend, address: String
        ) async throws {
            try await backend.withWorld { world in
                let (browser, _, hint) = try await signedIn(world)
                let outcome = try await begin(
                    world,
                    [
                        ("id_token_hint", hint), ("post_logout_redirect_uri", address),
                        ("state", "s"),
                    ], from: browser)
                guard case .signedOut(let farewell) = outcome else { throw Unexpected() }
                #expect(farewell.destination == nil)
                #expect(farewell.isReturnRefused == !address.isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-166: sends the browser to no other client's address`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (browser, _, hint) = try await signedIn(world)
                var evil = try World.client("Evil", .web)
                evil.postLogoutRedirectURIs = [try RedirectURI(registering: "https://evil.test/")]
                _ = try await world.gatehouse.clients.create(
                    evil, in: world.acme.id, on: World.occasion())
                let target = ("post_logout_redirect_uri", "https://evil.test/")
                let hinted = try await begin(
                    world, [("id_token_hint", hint), target, ("client_id", evil.id.text)],
                    from: browser)
                guard case .confirm(let first) = hinted else { throw Unexpected() }
                #expect(first.target == nil && first.client == nil)
                guard case .confirm(let second) = try await begin(world, [target], from: browser)
                else { throw Unexpected() }
                #expect(second.target == nil)
                let stranger = Browser(secret: nil, session: nil)
                let last = try await begin(world, [target], from: stranger)
                guard case .signedOut(let farewell) = last else { throw Unexpected() }
                #expect(farewell.destination == nil && farewell.isReturnRefused)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-119: ends what was to last as long, and nothing else`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (browser, session, hint) = try await signedIn(world)
                let online = Grant(
                    to: world.phone, scope: Scope("openid"), in: session, issuer: world.issuer,
                    at: World.start)
                let offline = Grant(
                    to: world.phone, scope: .identity, in: session, issuer: world.issuer,
                    at: World.start)
                try await world.records { records in
                    for grant in [online, offline] { try records.grants.insert(grant) }
                }
                let (elsewhere, _) = try await world.grant(to: world.web, Scope("openid"))
                _ = try await begin(world, [("id_token_hint", hint)], from: browser)
                #expect(try await world.isRevoked(online))
                #expect(try await !world.isRevoked(offline))
                #expect(try await !world.isRevoked(elsewhere))
            }
        }

        @Test func `goes to an address byte for byte, even on loopback`() throws {
            var phone = try World.client("Phone", .native)
            phone.postLogoutRedirectURIs = [try RedirectURI(registering: "http://127.0.0.1/bye")]
            #expect(phone.postLogoutRedirectURI(covering: "http://127.0.0.1/bye") != nil)
            #expect(phone.postLogoutRedirectURI(covering: "http://127.0.0.1:9/bye") == nil)
        }

        private struct Unexpected: Error {}
    }
}
