import GatehouseClient
import GatehouseTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An API that follows changes` {
    private struct Scene: Sendable {
        let world: ClientWorld
        let follower: ChangeFollower
        let verifier: TokenVerifier

        /// Why a token is refused now.
        func refusal(of token: String) async -> TokenRefusal.Reason? {
            do {
                _ = try await verifier.verify(
                    ProtectedRequest(
                        authorization: ["Bearer \(token)"], method: "GET", url: "https://api.test"))
                return nil
            } catch {
                return (error as? TokenRefusal)?.reason
            }
        }

        /// Asks again and again until a token is refused.
        func refused(_ token: String) async -> TokenRefusal.Reason {
            while true {
                if let reason = await refusal(of: token) { return reason }
                await Task.yield()
            }
        }

        func problem(_ isExpected: (ClientError) -> Bool) async {
            while follower.problem.map({ !isExpected($0) }) ?? true { await Task.yield() }
        }
    }

    /// A clock that waits for a real moment, so that nobody connects again a thousand times.
    private static func clock(_ time: TestClock) -> ClientClock {
        ClientClock(read: { time.time }, wait: { _ in try await Task.sleep(for: .milliseconds(5)) })
    }

    private static func run(
        _ configure: (inout ChangeFollower.Options, inout VerifierConfiguration, FakeIssuer) ->
            Void =
            { _, _, _ in },
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await ClientWorld.run { world in
            var options = ChangeFollower.Options()
            var configuration = VerifierConfiguration(audience: "api")
            configure(&options, &configuration, world.issuer)
            let follower = try await ChangeFollower.discover(
                world.issuer.address, as: world.configuration, options: options,
                clock: clock(world.time), transport: world.transport)
            let verifier = try await TokenVerifier.discover(
                world.issuer.address, configuration, clock: world.time.clock,
                transport: world.transport)
            let scene = Scene(
                world: world, follower: follower, verifier: verifier.following(follower))
            let following = Task { await follower.run() }
            defer { following.cancel() }
            try await body(scene)
            following.cancel()
            await following.value
        }
    }

    @Test func `refuses what is outdated, and takes what is new`() async throws {
        try await Self.run { scene in
            let (issuer, time) = (scene.world.issuer, scene.world.time)
            issuer.person.organizations = [OrganizationMembership(id: "org_1", scopes: ["a:b"])]
            await scene.follower.untilCurrent()
            #expect(scene.follower.isCurrent && scene.follower.problem == nil)
            let token = try issuer.accessToken(for: "api")
            #expect(await scene.refusal(of: token) == nil)
            var change = FakeChange("membership")
            change.subject = "usr_kay"
            change.organization = "org_2"
            issuer.tell(change)
            change.subject = "usr_sam"
            change.organization = "org_1"
            issuer.tell(change)
            change.subject = "usr_kay"
            issuer.tell(change)
            #expect(await scene.refused(token) == .outdated)
            let refusal = try #require(await Self.answer(scene, token))
            #expect(refusal.status == 401 && refusal.code == "invalid_token")
            time.advance(by: 1)
            #expect(await scene.refusal(of: try issuer.accessToken(for: "api")) == nil)
        }
    }

    private static func answer(_ scene: Scene, _ token: String) async -> TokenRefusal? {
        do {
            _ = try await scene.verifier.verify(
                ProtectedRequest(
                    authorization: ["Bearer \(token)"], method: "GET", url: "https://api.test"))
            return nil
        } catch {
            return error as? TokenRefusal
        }
    }

    @Test(arguments: [Misbehavior.shortFeed, .feedGoesBack, nil])
    func `goes on where it was`(misbehavior: Misbehavior?) async throws {
        try await Self.run { scene in
            let issuer = scene.world.issuer
            var change = FakeChange("token")
            change.tokenID = "another"
            issuer.tell(change)
            await scene.follower.untilCurrent()
            issuer.misbehavior = misbehavior
            change.tokenID = "token-\(scene.world.time.time)"
            let token = try issuer.accessToken(for: "api")
            issuer.tell(change)
            if misbehavior == .shortFeed { issuer.misbehavior = nil }
            #expect(await scene.refused(token) == .outdated)
        }
    }

    @Test(arguments: [
        (Misbehavior.closedFeed, nil), (.feedOfAnotherKind, TrustCheck.changeFeed),
        (.hugeEvent, .changeFeed), (.endlessLine, .changeFeed), (.unreadableEvent, .changeFeed),
        (.changeFromTheFuture, .changeFeed), (.shortFeed, nil), (.unreadableAnswer, .answer),
    ])
    func `survives a hostile feed, and says what is wrong`(
        misbehavior: Misbehavior, check: TrustCheck?
    ) async throws {
        try await Self.run { _, _, issuer in
            issuer.misbehavior = misbehavior
        } _: { scene in
            let issuer = scene.world.issuer
            await scene.problem { problem in
                switch (misbehavior, problem) {
                case (.closedFeed, .oauth(let refusal)): refusal.code == "insufficient_scope"
                case (.shortFeed, .unreachable): true
                case (_, .untrustworthy(let broken)): broken == check
                default: false
                }
            }
            #expect(!scene.follower.isCurrent)
            // It goes on as soon as the feed is right again, and nobody was refused meanwhile.
            issuer.misbehavior = nil
            let token = try issuer.accessToken(for: "api")
            #expect(await scene.refusal(of: token) == nil)
            await scene.follower.untilCurrent()
            issuer.tell(FakeChange("tenant"))
            #expect(await scene.refused(token) == .outdated)
        }
    }

    @Test(arguments: [ChangeFollower.WhenLost.goOn, .introspect, .refuse])
    func `does what the app wants while nothing is heard`(
        choice: ChangeFollower.WhenLost
    ) async throws {
        try await Self.run { options, configuration, issuer in
            options.whenLost = choice
            configuration.introspection = .ofOpaqueTokens(
                clientID: "app", credential: .secret("s3cret"))
            issuer.misbehavior = .slowFeed
        } _: { scene in
            let issuer = scene.world.issuer
            let token = try issuer.accessToken(for: "api")
            #expect(await scene.refusal(of: token) == nil)
            #expect(issuer.requests(to: "/introspect") == 0)
            // A feed that drips is none.
            scene.world.time.advance(by: 41)
            let expected: TokenRefusal.Reason? = choice == .refuse ? .unavailable : nil
            #expect(await scene.refusal(of: token) == expected)
            #expect(issuer.requests(to: "/introspect") == (choice == .introspect ? 1 : 0))
        }
    }

    @Test(arguments: [true, false])
    func `has tokens checked of which it does not know`(canAsk: Bool) async throws {
        try await Self.run { _, configuration, issuer in
            if canAsk {
                configuration.introspection = .ofOpaqueTokens(
                    clientID: "app", credential: .secret("s3cret"))
            }
            issuer.misbehavior = .feedReset
        } _: { scene in
            let issuer = scene.world.issuer
            let token = try issuer.accessToken(for: "api")
            await scene.follower.untilCurrent()
            #expect(await scene.refusal(of: token) == (canAsk ? nil : .outdated))
            #expect(issuer.requests(to: "/introspect") == (canAsk ? 1 : 0))
            scene.world.time.advance(by: 1)
            #expect(await scene.refusal(of: try issuer.accessToken(for: "api")) == nil)
            #expect(issuer.requests(to: "/introspect") == (canAsk ? 1 : 0))
        }
    }

    @Test func `forgets the keys when one was deleted`() async throws {
        try await Self.run { scene in
            let issuer = scene.world.issuer
            await scene.follower.untilCurrent()
            let token = try issuer.accessToken(for: "api")
            #expect(await scene.refusal(of: token) == nil)
            try issuer.rotateKeys(publishingFormer: false)
            issuer.tell(FakeChange("key"))
            #expect(await scene.refused(token) == .invalid(.key))
        }
    }
}
