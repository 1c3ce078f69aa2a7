import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Signing in` {
        private static let password = "velvet orbit moss"
        private static let proof = [
            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
        ]
        private let stranger = Browser(secret: nil, session: nil)

        private func setPassword(_ world: World) async throws {
            let password = try Password(setting: Self.password, context: [])
            _ = try await world.gatehouse.users.update(
                world.kay.id, password: password, in: world.acme.id, on: World.occasion()
            ) { _ in }
        }

        /// Begins an interaction in a browser without a session.
        private func begin(
            _ world: World, _ parameters: [(String, String)] = []
        ) async throws -> (id: Interaction.ID, browser: Browser) {
            let outcome = try await world.authorize(
                world.web, Self.proof + parameters, from: stranger)
            guard case .interact(let interaction, let secret) = outcome else { throw Unexpected() }
            return (interaction.id, Browser(secret: secret, session: nil))
        }

        private func resume(
            _ world: World, _ id: Interaction.ID, from browser: Browser, at tenant: Tenant? = nil,
            after delay: Lifetime = .seconds(1)
        ) async throws -> SignIn.Progress {
            try await world.gatehouse.signIn.resume(
                id, at: tenant ?? world.acme, from: browser, on: World.occasion(after: delay))
        }

        private func signIn(
            _ world: World, _ name: String, _ password: String, _ progress: SignIn.Progress
        ) async throws -> SignIn.Outcome {
            try await world.gatehouse.signIn.signIn(
                name: name, password: password, progress, on: World.occasion(after: .seconds(1)))
        }

        @Test(arguments: Backend.available, ["kay", "KAY", "kay@acme.test", " Kay@ACME.test "])
        func `leads to a code and a session`(backend: Backend, name: String) async throws {
            try await backend.withWorld { world in
                try await setPassword(world)
                let (id, browser) = try await begin(world, [("state", "s"), ("scope", "openid")])
                let progress = try await resume(world, id, from: browser)
                #expect(progress.step == .authenticate(.nobody) && progress.current == nil)
                let outcome = try await signIn(world, name, Self.password, progress)
                guard case .answered(let url, let secrets?) = outcome else { throw Unexpected() }
                let answer = Authorize.Outcome.answered(url)
                #expect(try answer.answer?[.state] == "s")
                let tokens = try await world.redeem(
                    try #require(try answer.code), by: world.web, after: .seconds(2))
                #expect(tokens.idToken != nil)
                let known = Browser(secret: browser.secret, session: secrets.session)
                let silent = try await world.authorize(
                    world.web, Self.proof + [("prompt", "none")], from: known,
                    after: .seconds(3))
                #expect(try silent.code != nil)
                #expect(try await world.count(.signedIn) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-181: says the same whatever is wrong`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await setPassword(world)
                let (id, browser) = try await begin(world)
                let progress = try await resume(world, id, from: browser)
                let attempts = [
                    ("kay", "wrong password"), ("zed", Self.password), ("", Self.password),
                    ("kay", ""), ("zed@acme.test", "x"), ("' OR 1=1--", "x"), ("kay\0", "x"),
                    ("\u{212A}ay", Self.password), ("kay", Self.password + "\0"),
                    ("kay", String(repeating: "a", count: 1 << 20)), ("%", Self.password),
                ]
                for (name, password) in attempts {
                    let outcome = try await signIn(world, name, password, progress)
                    guard case .refused = outcome else { throw Unexpected() }
                }
                #expect(try await world.count(.signedIn) == 0)
                _ = try await world.gatehouse.users.update(
                    world.kay.id, password: nil, in: world.acme.id, on: World.occasion()
                ) { $0.disabledAt = World.start }
                let outcome = try await signIn(world, "kay", Self.password, progress)
                guard case .refused = outcome else { throw Unexpected() }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-025, GH-026: goes on in the browser that began it, and in time`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (id, browser) = try await begin(world)
                let others = [
                    stranger, Browser(secret: Secret(for: .browser), session: nil),
                    try await world.signIn().browser,
                ]
                for other in others {
                    await #expect(throws: SignIn.Lost.self) {
                        try await resume(world, id, from: other)
                    }
                }
                await #expect(throws: SignIn.Lost.self) {
                    try await resume(world, id, from: browser, at: world.umbra)
                }
                await #expect(throws: SignIn.Lost.self) {
                    try await resume(
                        world, Interaction.ID(at: World.start), from: browser)
                }
                _ = try await resume(world, id, from: browser, after: .minutes(59))
                await #expect(throws: SignIn.Lost.self) {
                    try await resume(world, id, from: browser, after: Interaction.lifetime)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-029: stops where the client is disabled on the way`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await setPassword(world)
                let (id, browser) = try await begin(world)
                let progress = try await resume(world, id, from: browser)
                _ = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { $0.disabledAt = World.start }
                await #expect(throws: SignIn.Lost.self) {
                    try await resume(world, id, from: browser)
                }
                let outcome = try await signIn(world, "kay", Self.password, progress)
                guard case .answered(let url, _) = outcome else { throw Unexpected() }
                #expect(try Authorize.Outcome.answered(url).error == "access_denied")
                #expect(try await world.count(.grantCreated) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-014: as somebody else leaves the first person's session to them`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await setPassword(world)
                let ada = User(
                    name: nil, email: nil, username: Username(parsing: "ada"), passwordHash: nil,
                    at: World.start)
                _ = try await world.gatehouse.users.create(
                    ada, password: try Password(setting: Self.password, context: []),
                    in: world.acme.id, on: World.occasion())
                let kays = try await world.signIn()
                let outcome = try await world.authorize(
                    world.web, Self.proof + [("prompt", "login")], from: kays.browser,
                    after: .seconds(1))
                guard case .interact(let interaction, let secret) = outcome else {
                    throw Unexpected()
                }
                let id = interaction.id
                let browser = Browser(secret: secret, session: kays.browser.session)
                let progress = try await resume(world, id, from: browser)
                #expect(progress.step == .authenticate(.freshProof))
                guard
                    case .answered(_, let secrets?) = try await signIn(
                        world, "ada", Self.password, progress)
                else { throw Unexpected() }
                let old = try await world.records { try $0.sessions.find(kays.session.id) }
                #expect(old?.endedAt == nil && old?.userID == world.kay.id)
                let found = try await world.records { records in
                    try secrets.sessions.map { try records.sessions.find($0.digest) }
                }
                #expect(found.map { $0?.userID } == [ada.id, world.kay.id])
                #expect(found.map { $0?.id == kays.session.id } == [false, true])
                // A copy of the cookie from before leads to nobody.
                let stale = try #require(kays.browser.session).digest
                #expect(try await world.records { try $0.sessions.find(stale) } == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-176: again gives the session another secret`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await setPassword(world)
                let kays = try await world.signIn()
                let outcome = try await world.authorize(
                    world.web, Self.proof + [("prompt", "login")], from: kays.browser,
                    after: .seconds(1))
                guard case .interact(let interaction, let secret) = outcome else {
                    throw Unexpected()
                }
                let id = interaction.id
                let browser = Browser(secret: secret, session: kays.browser.session)
                let progress = try await resume(world, id, from: browser)
                guard
                    case .answered(_, let secrets?) = try await signIn(
                        world, "kay", Self.password, progress)
                else { throw Unexpected() }
                let old = try #require(kays.browser.session).digest
                let found = try await world.records { records in
                    (
                        try records.sessions.find(old),
                        try records.sessions.find(try #require(secrets.session).digest)
                    )
                }
                #expect(found.0 == nil)
                #expect(found.1?.id == kays.session.id)
                #expect(found.1?.authenticatedAt == World.start + .seconds(1))
            }
        }

        @Test(arguments: Backend.available)
        func `with a new account is for whom the tenant lets in`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (id, browser) = try await begin(world)
                let progress = try await resume(world, id, from: browser)
                func create(_ email: String, _ password: String) async throws -> SignIn.Outcome {
                    try await world.gatehouse.signIn.createAccount(
                        AccountForm(email: email, name: "Ada", password: password), progress,
                        on: World.occasion(after: .seconds(2)))
                }
                await #expect(throws: AccountForm.Problems.self) {
                    try await create("nonsense", Self.password)
                }
                await #expect(throws: AccountForm.Problems.self) {
                    try await create("ada@acme.test", "password")
                }
                guard case .taken = try await create("KAY@acme.test", Self.password),
                    case .answered(let url, _) = try await create("ada@acme.test", Self.password)
                else { throw Unexpected() }
                #expect(try Authorize.Outcome.answered(url).code != nil)
                #expect(try await world.count(.userCreated) == 1)
            }
        }

        private struct Unexpected: Error {}
    }
}
