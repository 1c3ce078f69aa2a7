import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Consent` {
        private static let proof = [
            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
        ]

        /// A client of somebody else's, that may let people choose.
        private func stranger(
            _ world: World, isPartial: Bool = false, kind: Client.Kind = .native
        ) async throws -> Client {
            var client = try World.client("Stranger", kind)
            client.scope = Scope("openid", "profile", "email", "offline_access", "orders:read")
            client.policies.party = .third
            client.policies.allowsPartialConsent = isPartial
            _ = try await world.gatehouse.clients.create(
                client, in: world.acme.id, on: World.occasion())
            return client
        }

        private func ask(
            _ world: World, _ client: Client, _ scope: String, from browser: Browser,
            prompt: String? = nil
        ) async throws -> Authorize.Outcome {
            try await world.authorize(
                client,
                Self.proof + [("scope", scope)] + (prompt.map { [("prompt", $0)] } ?? []),
                from: browser, after: .seconds(1))
        }

        /// The page that asks kay, in the browser that she is signed in in.
        private func page(
            _ world: World, _ client: Client, _ scope: String, from browser: Browser,
            prompt: String? = nil
        ) async throws -> SignIn.Progress {
            let outcome = try await ask(world, client, scope, from: browser, prompt: prompt)
            guard case .interact(let interaction, let secret) = outcome else { throw Unexpected() }
            var known = browser
            known.secret = secret
            return try await world.gatehouse.signIn.resume(
                interaction.id, at: world.acme, from: known,
                on: World.occasion(after: .seconds(2)))
        }

        private func answer(
            _ world: World, _ answer: SignIn.ConsentAnswer, _ progress: SignIn.Progress
        ) async throws -> Authorize.Outcome? {
            let outcome = try await world.gatehouse.signIn.answer(
                answer, to: progress.questionToken ?? "", progress,
                on: World.occasion(after: .seconds(3)))
            guard case .answered(let delivery, _) = outcome else { return nil }
            return .answered(delivery)
        }

        private func grant(_ world: World, of code: Secret?) async throws -> Grant {
            let code = try #require(code)
            let grant = try await world.records { records in
                try records.oneTimeSecrets.find(code)?.grantID.flatMap(records.grants.find)
            }
            return try #require(grant)
        }

        @Test(arguments: Backend.available)
        func `is asked once for each thing, and only by others' clients`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                #expect(
                    try await ask(world, world.phone, "openid email", from: browser).code != nil)
                let client = try await stranger(world)
                let first = try await page(world, client, "openid email", from: browser)
                #expect(first.step == .askConsent)
                #expect(first.question?.parts.map(\.scope.text) == ["openid email"])
                let code = try await answer(world, .allow(ticked: []), first)?.code
                #expect(try await grant(world, of: code).scope.text == "openid email")
                #expect(try await ask(world, client, "openid", from: browser).code != nil)
                let more = try await page(world, client, "openid email profile", from: browser)
                #expect(more.question?.parts.map(\.scope.text) == ["profile"])
                #expect(more.question?.isAddition == true)
                let silent = try await ask(
                    world, client, "openid profile", from: browser, prompt: "none")
                #expect(try silent.error == "consent_required")
                #expect(try await world.count(.consentGiven) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `gives what is ticked and no more`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let client = try await stranger(world, isPartial: true)
                let wish = "openid email offline_access orders:read"
                let asked = try await page(world, client, wish, from: browser)
                let code = try await answer(
                    world, .allow(ticked: ["orders:read", "admin", "profile", ""]), asked)?.code
                let given = try await grant(world, of: code)
                #expect(given.scope.text == "openid orders:read" && !given.isOffline)
                let again = try await page(world, client, wish, from: browser)
                #expect(again.question?.parts.map(\.scope.text) == ["email offline_access"])
                // Everything is asked again where the client wants that; what is left out then is
                // forgotten.
                let whole = try await page(world, client, wish, from: browser, prompt: "consent")
                #expect(whole.question?.isAddition == false)
                _ = try await answer(world, .allow(ticked: ["email"]), whole)
                let last = try await page(world, client, wish, from: browser)
                #expect(
                    last.question?.parts.map(\.scope.text) == ["offline_access", "orders:read"])
            }
        }

        @Test(arguments: Backend.available)
        func `GH-025: is given to no question but the one that was put`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let client = try await stranger(world)
                let narrow = try await page(world, client, "openid", from: browser)
                let wide = try await page(world, client, "openid email", from: browser)
                for token in ["", "x", narrow.questionToken ?? ""] {
                    let outcome = try await world.gatehouse.signIn.answer(
                        .allow(ticked: []), to: token, wide, on: World.occasion(after: .seconds(3)))
                    guard case .proceed = outcome else { throw Unexpected() }
                }
                #expect(try await world.count(.grantCreated) == 0)
                #expect(try await world.count(.consentGiven) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-458, GH-513: counts the first answer, however many there are at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let client = try await stranger(world, isPartial: true)
                for round in 1...3 {
                    let asked = try await page(
                        world, client, "openid email", from: browser, prompt: "consent")
                    let outcomes = await concurrently(32) { index in
                        try await answer(
                            world,
                            index.isMultiple(of: 3)
                                ? .deny : .allow(ticked: index.isMultiple(of: 2) ? ["email"] : []),
                            asked)
                    }
                    let answers = try outcomes.map { try $0.get() }
                    let given = try await world.count(.consentGiven)
                    let denied = try await world.count(.consentDenied)
                    #expect(given + denied == round)
                    var scopes: Set<String> = []
                    for code in try answers.compactMap({ try $0?.code }) {
                        scopes.insert(try await grant(world, of: code).scope.text)
                    }
                    #expect(scopes.count <= 1)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-116: that is taken back takes what came of it along`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let client = try await stranger(world)
                let asked = try await page(world, client, "openid", from: browser)
                let code = try await answer(world, .allow(ticked: []), asked)?.code
                let first = try await grant(world, of: code)
                let consent = try #require(
                    try await world.gatehouse.consents.list(
                        in: world.acme.id, .init(), after: nil, limit: 9
                    ).first)
                let occasion = World.occasion(after: .seconds(4))
                #expect(
                    try await !world.gatehouse.consents.revoke(
                        consent.id, in: world.umbra.id, by: .operatorAtShell, on: occasion))
                let (_, revoked) = await (
                    concurrently(8) { _ in
                        try await ask(world, client, "openid", from: browser, prompt: "none")
                    },
                    concurrently(8) { _ in
                        try await world.gatehouse.consents.revoke(
                            consent.id, in: world.acme.id, by: .operatorAtShell,
                            on: occasion)
                    }
                )
                #expect(try revoked.map { try $0.get() }.count { $0 } == 1)
                #expect(try await world.isRevoked(first))
                #expect(try await world.count(.consentRevoked) == 1)
                let silent = try await ask(world, client, "openid", from: browser, prompt: "none")
                #expect(try silent.error == "consent_required")
            }
        }

        @Test(arguments: Backend.available)
        func `is asked each time where others could pass for the client`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let uris = ["http://127.0.0.1/cb", "app.test.stranger:/cb", World.callback]
                for (uri, isPublic) in uris.flatMap({ [($0, true), ($0, false)] }) {
                    var client = try World.client("Local", isPublic ? .native : .web)
                    client.redirectURIs = [try RedirectURI(registering: uri)]
                    client.policies.party = .third
                    _ = try await world.gatehouse.clients.create(
                        client, in: world.acme.id, on: World.occasion())
                    let parameters = [
                        ("response_type", "code"), ("client_id", client.id.text),
                        ("redirect_uri", uri), ("scope", "openid"),
                    ]
                    var asked = 0
                    for _ in 1...2 {
                        let outcome = try await world.gatehouse.authorize.begin(
                            FormParameters(parameters + Self.proof), at: world.acme,
                            through: world.issuer, from: browser, on: World.occasion())
                        guard case .interact(let interaction, let secret) = outcome else {
                            continue
                        }
                        asked += 1
                        var known = browser
                        known.secret = secret
                        let progress = try await world.gatehouse.signIn.resume(
                            interaction.id, at: world.acme, from: known, on: World.occasion())
                        _ = try await answer(world, .allow(ticked: []), progress)
                    }
                    #expect(asked == (isPublic && uri != World.callback ? 2 : 1), "\(uri)")
                }
            }
        }

        private struct Unexpected: Error {}
    }
}
