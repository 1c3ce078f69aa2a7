@testable import GatehouseClient
import GatehouseEncoding
import GatehouseTesting
import Testing

@Suite struct `A refresh` {
    @Test func `asks again where the refresh token stays the same`() async throws {
        try await ClientWorld.run { world in
            world.issuer.rotatesRefreshTokens = false
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            let first = try await provider.refresh(tokens)
            world.time.advance(by: 1)
            let second = try await provider.refresh(tokens)
            #expect(second.expiresAt == first.expiresAt + 1)
            #expect(world.issuer.requests(to: "/token") == 3)
        }
    }

    @Test(arguments: [false, true])
    func `with another organization ends, soon after one without`(rotates: Bool) async throws {
        try await ClientWorld.run { world in
            world.issuer.rotatesRefreshTokens = rotates
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            _ = try await provider.refresh(tokens)
            world.issuer.person.organizationID = "org_b"
            let switched = try await provider.refresh(tokens, organization: "org_b")
            #expect(try await provider.agent(from: switched).organizationID == "org_b")
            #expect(world.issuer.requests(to: "/token") == 3)
        }
    }

    @Test(arguments: [nil, "org_a"])
    func `is not believed with another organization`(answered: String?) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.person.organizationID = answered
            let error = await clientError {
                _ = try await provider.refresh(tokens, organization: "org_b")
            }
            #expect(error == .untrustworthy(.organization) && error?.endsSession == false)
        }
    }

    @Test func `is over for a switch only, if the switch is refused`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.revokeEverything()
            let error = await clientError {
                _ = try await provider.refresh(tokens, organization: "org_b")
            }
            #expect(error?.endsSession == false)
        }
    }

    @Test func `keeps the new tokens if userinfo is broken`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let before = try await world.signIn(at: provider)
            world.issuer.givesIDTokenOnRefresh = false
            world.issuer.misbehavior = .brokenUserInfo
            let tokens = try await provider.refresh(before.tokens)
            #expect(tokens.refreshToken != before.tokens.refreshToken)
            #expect(try await provider.agent(from: tokens).profile == before.profile)
        }
    }

    @Test(arguments: [Misbehavior.noKeySet, .unreadableKeySet])
    func `keeps the new tokens if nobody can tell who signed them`(
        misbehavior: Misbehavior
    ) async throws {
        try await ClientWorld.run { world in
            let before = try await world.signIn(at: world.provider())
            world.issuer.person.name = "Kay Jones"
            world.issuer.misbehavior = misbehavior
            // It has no keys: the app was started anew.
            let provider = try await world.provider()
            let stored = Tally()
            world.time.advance(by: 300)
            let error = await clientError {
                _ = try await provider.agent(
                    from: before.tokens, onRefresh: { _ in await stored.add() })
            }
            #expect(error?.endsSession == false)
            #expect(await stored.count == 1)
            world.issuer.misbehavior = nil
            world.time.advance(by: 10)
            // What was not checked is not believed afterwards, either.
            let tokens = try await provider.refresh(before.tokens)
            #expect(tokens.refreshToken != before.tokens.refreshToken)
            #expect(tokens.idToken == before.tokens.idToken)
            #expect(try await provider.agent(from: tokens).profile == before.profile)
            #expect(try await provider.refresh(tokens).idToken != before.tokens.idToken)
            #expect(world.issuer.requests(to: "/token") == 3)
        }
    }

    @Test func `keeps the new tokens if it is too early to ask for a new key`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let before = try await world.signIn(at: provider)
            try world.issuer.rotateKeys()
            world.issuer.person.name = "Kay Jones"
            let tokens = try await provider.refresh(before.tokens)
            #expect(try await provider.agent(from: tokens).profile == before.profile)
            #expect(world.issuer.requests(to: "/keys") == 1)
            world.time.advance(by: 10)
            let later = try await provider.refresh(tokens)
            #expect(try await provider.agent(from: later).profile.name == "Kay Jones")
            #expect(world.issuer.requests(to: "/keys") == 2)
            // Once it was looked for in vain, it is an answer that is wrong.
            world.issuer.misbehavior = .unknownKey
            world.time.advance(by: 10)
            let error = await clientError { _ = try await provider.refresh(later) }
            #expect(error == .untrustworthy(.key))
        }
    }

    @Test(arguments: [Misbehavior.wrongSignature, .unknownKey, .foreignAudience])
    func `keeps nothing of an answer that is wrong`(misbehavior: Misbehavior) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.misbehavior = misbehavior
            world.time.advance(by: 300)
            let error = await clientError {
                _ = try await provider.agent(
                    from: tokens, onRefresh: { _ in Issue.record("stored") })
            }
            #expect(error?.endsSession == true)
        }
    }

    @Test(arguments: [Misbehavior.brokenToken, .busyToken])
    func `signs nobody out while the provider is broken or busy`(
        misbehavior: Misbehavior
    ) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            world.issuer.misbehavior = misbehavior
            world.time.advance(by: 270)
            #expect(try await provider.agent(from: tokens).tokens == tokens)
            world.time.advance(by: 30)
            let error = await clientError { _ = try await provider.agent(from: tokens) }
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(error?.endsSession == false)
        }
    }

    @Test func `is not lost for a process if the store of the app fails`() async throws {
        try await ClientWorld.run { world in
            struct StoreIsFull: Error {}
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            let session = AgentSession(
                tokens, at: provider, onRefresh: { _ in throw StoreIsFull() })
            world.time.advance(by: 300)
            await #expect(throws: StoreIsFull.self) { _ = try await session.agent() }
            #expect(try await session.agent().tokens != tokens)
            #expect(world.issuer.requests(to: "/token") == 2)
        }
    }

    @Test func `without an ID token forgets organizations that userinfo does not name`() throws {
        let former = try Claims(["sub": "a", "org_id": "org_1", "organizations": [], "name": "Kay"])
        let updated = try former.updated(by: ["sub": "a"])
        #expect(updated.names.sorted() == ["name", "sub"])
    }
}

@Suite struct `A sign-in that asks for an organization` {
    @Test func `needs an answer that names one`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            var options = AuthorizationOptions()
            options.organization = "acme"
            let asked = options
            #expect(
                await clientError { _ = try await world.signIn(at: provider, asked) }
                    == .untrustworthy(.organization))
            world.issuer.person.organizationID = "org_1"
            #expect(try await world.signIn(at: provider, asked).organizationID == "org_1")
        }
    }

    @Test(arguments: [-1, Int64.max])
    func `or for an age does so within bounds`(maxAge: Int64) async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            var options = AuthorizationOptions()
            options.maxAge = maxAge
            let asked = options
            let error = await clientError { _ = try await provider.authorizationURL(asked) }
            guard case .configuration = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}

@Suite struct `What is read of an answer` {
    @Test func `is no line of a log`() {
        let refusal = OAuthRefusal(
            code: "a\nb\"c\u{E9}", detail: String(repeating: "\u{E9}", count: 400), status: nil)
        #expect("\(refusal)" == "abc")
        #expect(refusal.detail?.utf8.count == 500)
    }

    @Test func `lets a machine of an organization do what it was granted`() throws {
        let machine = try Access(["org_id": "org_1"], granted: ["projects:write"])
        #expect(machine.allows("write", on: "projects", in: "org_1"))
        #expect(!machine.allows("write", on: "projects", in: "org_2"))
        let person = try Access(
            ["org_id": "org_1", "permissions": []], granted: ["projects:write"])
        #expect(!person.allows("write", on: "projects", in: "org_1"))
    }

    @Test func `has room for the proofs of others when one key has used its share`() async {
        let ledger = ProofLedger()
        for number in 0..<ProofLedger.share {
            _ = await ledger.claim("\(number)", of: "a", until: 60, at: 0)
        }
        #expect(await ledger.claim("new", of: "a", until: 60, at: 0) == .noRoom)
        #expect(await ledger.claim("0", of: "a", until: 60, at: 0) == .usedBefore)
        #expect(await ledger.claim("new", of: "b", until: 60, at: 0) == .noted)
    }

    @Test func `by introspection is no refresh token`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier {
                $0.introspection = .ofOpaqueTokens(clientID: "api", credential: .secret("a"))
            }
            let tokens = try await world.signIn(at: world.provider()).tokens
            let token = try #require(tokens.refreshToken)
            await #expect(throws: TokenRefusal(.inactive)) {
                _ = try await verifier.verify(
                    ProtectedRequest(
                        authorization: ["Bearer \(token)"], method: "GET", url: "https://api.test/")
                )
            }
        }
    }
}
