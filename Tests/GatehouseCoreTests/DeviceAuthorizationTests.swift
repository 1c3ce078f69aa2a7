import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `A device authorization` {
        @Test(arguments: Backend.available)
        func `is pending until somebody allows it, and yields tokens once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world, Scope("openid", "offline_access"))
                #expect(try await device.refusal(after: .seconds(5)) == .authorizationPending)
                let outcome = try await device.decide(.allow)
                #expect(outcome?.decision != nil)
                let tokens = try await device.poll(after: .seconds(6))
                #expect(tokens.scope == Scope("openid", "offline_access"))
                #expect(tokens.idToken != nil && tokens.nextToken != nil)
                #expect(try await device.refusal(after: .seconds(7)) == .invalidGrant)
                #expect(try await world.count(.deviceAuthorizationRedeemed) == 1)
                #expect(try await world.count(.grantCreated) == 1)
                let token = try #require(tokens.nextToken)
                let renewed = try await world.refresh(
                    token, by: device.client, after: .days(1))
                #expect(renewed.nextToken != nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-301: has a device that hurries wait longer each time, on every node`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world)
                // When it asks, and whether that is too soon: it waits 5 s, then 10, then 15.
                let polls: [(Int64, Bool)] = [
                    (1, false), (6, false), (10, false), (14, false), (17, true), (26, false),
                    (27, true), (42, false), (56, false),
                ]
                for (second, isTooSoon) in polls {
                    let error = try await device.refusal(after: .seconds(second))
                    #expect(error == (isTooSoon ? .slowDown : .authorizationPending), "\(second)")
                }
            }
        }

        @Test(arguments: Backend.available)
        func `lets nobody wait for a clock that was wrong`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world)
                #expect(try await device.refusal(after: .seconds(500)) == .authorizationPending)
                #expect(try await device.refusal(after: .seconds(20)) == .authorizationPending)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-301: is over after its time, also if the clock is set back`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let pending = try await Device(in: world)
                let allowed = try await Device(in: world)
                _ = try await allowed.decide(.allow)
                for device in [pending, allowed] {
                    #expect(try await device.refusal(after: .minutes(10)) == .expiredToken)
                    #expect(try await device.refusal(after: .minutes(9)) == .expiredToken)
                }
                #expect(try await pending.enter(after: .minutes(10)) == nil)
                _ = try await RemoveExpired(database: world.database, holder: "a")
                    .run(at: World.start + .minutes(11))
                #expect(try await pending.refusal(after: .minutes(12)) == .expiredToken)
            }
        }

        @Test(arguments: Backend.available)
        func `is decided on once`(backend: Backend) async throws {
            try await backend.withWorld { world in
                for (first, second) in [(Answer.deny, Answer.allow), (.allow, .deny)] {
                    let device = try await Device(in: world)
                    let (one, other) = (try await device.open(), try await device.open())
                    _ = try await device.decide(first, in: one)
                    _ = try await device.decide(second, in: other)
                    #expect(
                        try await device.refusal(after: .seconds(30))
                            == (first == .deny ? .accessDenied : nil))
                    #expect(try await device.enter() == nil)
                }
                #expect(try await world.count(.deviceAuthorizationAllowed) == 1)
                #expect(try await world.count(.deviceAuthorizationDenied) == 1)
                #expect(try await world.count(.grantCreated) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-305: that many ask about at once yields tokens once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world)
                _ = try await device.decide(.allow)
                let issued = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<32 {
                        group.addTask { try await device.refusal(after: .seconds(9)) == nil }
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(issued == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-304: is its client's own`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world)
                let other = try await Device(in: world).client
                for decided in [false, true] {
                    if decided { _ = try await device.decide(.allow) }
                    let error = try await refusal {
                        try await device.poll(by: other, after: .seconds(9))
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await world.count(.deviceAuthorizationRefused) == 2)
                #expect(try await device.refusal(after: .seconds(9)) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `of a short-lived token lasts as long as the token that it yields at its end`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let device = try await Device(in: world)
                _ = try await device.decide(.allow)
                let last = Lifetime.seconds(599)
                let token = try await device.poll(after: last).accessToken
                let answer = try await world.gatehouse.accessTokenVerifier.userInfo(
                    .bearer(token), ProofPresentation(proofs: [], method: "GET", target: nil),
                    of: world.acme, through: world.issuer,
                    at: World.start + last + .minutes(14))
                #expect(answer.userInfo.serialized().count > 2)
            }
        }

        @Test(arguments: Backend.available)
        func `draws user codes that differ`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var codes: Set<String> = []
                for _ in 0..<50 { codes.insert(try await Device(in: world).userCode) }
                #expect(codes.count == 50)
            }
        }
    }
}

private typealias Answer = DecideDeviceAuthorization.Answer

/// A device of a client of acme's that waits for kay.
private struct Device: Sendable {
    let world: World
    let client: Client
    let code: String
    let userCode: String

    init(in world: World, _ scope: Scope = Scope("openid")) async throws {
        var client = try World.client("Screen", .native)
        client.policies.allowsDeviceAuthorization = true
        _ = try await world.gatehouse.clients.create(
            client, in: world.acme.id, on: World.occasion())
        let begun = try await world.gatehouse.beginDeviceAuthorization.begin(
            DeviceAuthorizationRequest(scope: scope), by: client, of: world.acme,
            through: world.issuer, on: World.occasion())
        self.world = world
        self.client = client
        (code, userCode) = (begun.deviceCode, begun.userCode.shown)
    }

    func poll(by other: Client? = nil, after delay: Lifetime) async throws -> TokenResponse {
        try await world.gatehouse.deviceCodeGrant.redeem(
            DeviceCodeRequest(deviceCode: code, codeVerifier: nil), by: other ?? client,
            of: world.acme, through: world.issuer, on: World.occasion(after: delay))
    }

    /// What the device is told; nil if it gets tokens.
    func refusal(after delay: Lifetime) async throws -> OAuthError.Code? {
        try await GatehouseCoreTests.refusal { try await poll(after: delay) }
    }

    /// Types the code; nil if it is not known.
    func enter(
        from browser: Browser = Browser(secret: Secret(for: .browser), session: nil),
        after delay: Lifetime = .seconds(1)
    ) async throws -> Interaction.ID? {
        let outcome = try await world.gatehouse.enterUserCode.enter(
            userCode, at: world.acme, through: world.issuer, from: browser,
            on: World.occasion(after: delay))
        guard case .found(let id) = outcome else { return nil }
        return id
    }

    /// Goes as far as the question, in a browser in which kay is signed in.
    func open() async throws -> SignIn.Progress {
        let signedIn = try await world.signIn(after: .seconds(2))
        let id = try #require(try await enter(from: signedIn.browser))
        return try await world.gatehouse.signIn.resume(
            id, at: world.acme, from: signedIn.browser, on: World.occasion(after: .seconds(3)))
    }

    /// Answers, and returns what the page that follows knows.
    func decide(
        _ answer: Answer, in progress: SignIn.Progress? = nil
    ) async throws -> DeviceAuthorization? {
        var opened = progress
        if opened == nil { opened = try await open() }
        let visit = try #require(opened)
        let decide = world.gatehouse.decideDeviceAuthorization
        let pending = try #require(try await decide.authorization(of: visit.visit))
        try await decide.decide(answer, pending, visit, on: World.occasion(after: .seconds(3)))
        return try await decide.authorization(of: visit.visit)
    }
}
