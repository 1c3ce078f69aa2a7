import GatehouseClient
import GatehouseTesting
import Testing

@Suite struct `Tokens that an app kept` {
    @Test func `are refreshed by one request however many tasks ask`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.time.advance(by: 300)
            let stored = Tally()
            let agents = try await withThrowingTaskGroup(of: Agent.self) { tasks in
                for _ in 0..<100 {
                    tasks.addTask {
                        try await provider.agent(
                            from: tokens, onRefresh: { _ in await stored.add() })
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(world.issuer.requests(to: "/token") == 2)
            #expect(Set(agents.map(\.tokens.accessToken)).count == 1)
            #expect(agents.allSatisfy { $0.tokens.refreshToken != tokens.refreshToken })
            #expect(await stored.count == 100)
        }
    }

    @Test func `are refreshed once, too, when the old ones come a little later`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.time.advance(by: 300)
            let first = try await provider.agent(from: tokens)
            world.time.advance(by: 20)
            let second = try await provider.agent(from: tokens)
            #expect(first.tokens == second.tokens)
            #expect(world.issuer.requests(to: "/token") == 2)
        }
    }

    @Test func `are not refreshed while they are good`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.time.advance(by: 239)
            let agent = try await provider.agent(
                from: tokens, onRefresh: { _ in Issue.record("refreshed") })
            #expect(agent.tokens == tokens)
            #expect(world.issuer.requests(to: "/token") == 1)
        }
    }

    @Test func `are stored before anybody uses them`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.time.advance(by: 300)
            struct StoreIsFull: Error {}
            await #expect(throws: StoreIsFull.self) {
                _ = try await provider.agent(
                    from: tokens, onRefresh: { _ in throw StoreIsFull() })
            }
        }
    }

    @Test func `tell of memberships as they are at the refresh`() async throws {
        try await ClientWorld.run { world in
            world.issuer.person.organizations = [
                OrganizationMembership(id: "org_1", scopes: ["projects:write"])
            ]
            let provider = try await world.provider()
            let before = try await world.signIn(at: provider)
            world.issuer.person.organizations = []
            let meanwhile = try await provider.agent(from: before.tokens)
            #expect(meanwhile.hasAccess(in: "org_1", "write", to: "projects"))
            world.time.advance(by: 300)
            let after = try await provider.agent(from: before.tokens)
            #expect(!after.isMember(of: "org_1"))
            #expect(!after.hasAccess(in: "org_1", "write", to: "projects"))
        }
    }

    @Test func `tell of the person by userinfo where a refresh brings no ID token`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let before = try await world.signIn(at: provider)
            world.issuer.givesIDTokenOnRefresh = false
            world.issuer.person.name = "Kay Jones"
            let tokens = try await provider.refresh(before.tokens)
            let after = try await provider.agent(from: encodedAndDecoded(tokens))
            #expect(
                after.profile.name == "Kay Jones" && after.tokens.idToken == before.tokens.idToken)
            #expect(world.issuer.requests(to: "/userinfo") == 1)
            world.issuer.misbehavior = .foreignSubject
            #expect(
                await clientError { _ = try await provider.refresh(tokens) } == .subjectMismatch)
        }
    }

    @Test func `are over when the provider says so`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.revokeEverything()
            world.time.advance(by: 300)
            let told = Tally()
            let error = await clientError {
                _ = try await provider.agent(
                    from: tokens, onRefreshError: { _ in await told.add() })
            }
            guard case .refresh(let refusal) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(refusal.code == "invalid_grant" && error?.endsSession == true)
            #expect(await told.count == 1)
        }
    }

    @Test func `stay good until their end while the provider is away`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.misbehavior = .redirectedToken
            world.time.advance(by: 270)
            #expect(try await provider.agent(from: tokens).tokens == tokens)
            world.time.advance(by: 30)
            let error = await clientError { _ = try await provider.agent(from: tokens) }
            #expect(error?.endsSession == false)
        }
    }

    @Test func `are refreshed when their key was retired`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            try world.issuer.rotateKeys(publishingFormer: false)
            world.time.advance(by: 100)
            _ = try await provider.agent(from: tokens)
            #expect(world.issuer.requests(to: "/token") == 1)
            let other = try await world.provider()
            let agent = try await other.agent(from: tokens)
            #expect(agent.tokens != tokens)
            #expect(world.issuer.requests(to: "/token") == 2)
        }
    }

    @Test func `are no use at another client, nor with another key`() async throws {
        try await ClientWorld.run { world in
            let tokens = try await world.signIn(at: world.provider()).tokens
            world.configuration.clientID = "another"
            let other = try await world.provider()
            world.configuration.clientID = "app"
            world.configuration.tokenKey = try ClientKey()
            for provider in [other, try await world.provider()] {
                let error = await clientError { _ = try await provider.agent(from: tokens) }
                guard case .configuration = error else {
                    Issue.record("\(String(describing: error))")
                    return
                }
            }
        }
    }

    @Test func `are kept fresh for a process that runs for long`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            let session = AgentSession(tokens, at: provider)
            for _ in 0..<3 {
                world.time.advance(by: 300)
                let agent = try await session.agent()
                #expect(!agent.tokens.expires(by: world.time.time))
            }
            #expect(world.issuer.requests(to: "/token") == 4)
        }
    }
}
