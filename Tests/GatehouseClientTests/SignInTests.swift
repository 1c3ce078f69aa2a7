import GatehouseClient
import GatehouseTesting
import Testing

@Suite struct `Signing in` {
    @Test func `says who came, where they belong and what they may do there`() async throws {
        try await ClientWorld.run { world in
            world.issuer.person.organizations = [
                OrganizationMembership(
                    id: "org_1", title: "Founder", scopes: ["owner", "billing:write"],
                    joinedAt: 1_765_432_100),
                OrganizationMembership(id: "org_2", scopes: ["projects:*", "*:read"]),
            ]
            let agent = try await world.signIn(at: world.provider())
            #expect(agent.subject == "usr_kay")
            #expect(agent.profile.name == "Kay" && agent.profile.email == "kay@example.com")
            #expect(agent.profile.isEmailVerified)
            #expect(agent.organizations.map(\.id) == ["org_1", "org_2"])
            #expect(agent.organizations[0].title == "Founder")
            #expect(agent.organizations[0].joinedAt == 1_765_432_100)
            #expect(agent.isOwner(of: "org_1") && !agent.isOwner(of: "org_2"))
            #expect(agent.hasAccess(in: "org_1", "write", to: "billing"))
            #expect(!agent.hasAccess(in: "org_1", "write", to: "projects"))
            #expect(agent.hasAccess(in: "org_2", "write", to: "projects"))
            #expect(!agent.hasAccess(in: "org_3", "read", to: "projects"))
            #expect(agent.scopes(in: "org_2") == ["projects:*", "*:read"])
            #expect(throws: ClientError.insufficientScope("projects:write")) {
                try agent.requireAccess(in: "org_1", "write", to: "projects")
            }
        }
    }

    @Test func `begins anew each time, and the address carries no secret`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let first = try await provider.authorizationURL()
            let second = try await provider.authorizationURL()
            #expect(Set([first.state, second.state, first.nonce, second.nonce]).count == 4)
            #expect(first.codeVerifier != second.codeVerifier)
            #expect(!first.url.contains(first.codeVerifier))
            #expect(first.url.contains("code_challenge_method=S256"))
            #expect("\(first)" == "‹secret›")
        }
    }

    @Test func `takes an address, a query and a form alike`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            for cut in 0..<2 {
                let attempt = try await provider.authorizationURL()
                let address = try world.issuer.callback(for: attempt)
                let parts = address.split(separator: "?", maxSplits: 1).map(String.init)
                let agent = try await provider.exchange(
                    callback: cut == 0 ? parts[1] : address + "#fragment", for: attempt)
                #expect(agent.subject == "usr_kay")
            }
        }
    }

    @Test func `goes on after the attempt was kept as JSON`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            let callback = try world.issuer.callback(for: attempt)
            let kept = try encodedAndDecoded(attempt)
            #expect(kept == attempt)
            let agent = try await provider.exchange(callback: callback, for: kept)
            #expect(try encodedAndDecoded(agent.tokens) == agent.tokens)
        }
    }

    @Test func `is refused when the attempt was answered before`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            let callback = try world.issuer.callback(for: attempt)
            _ = try await provider.exchange(callback: callback, for: attempt)
            #expect(
                await clientError {
                    _ = try await provider.exchange(callback: callback, for: attempt)
                } == .callback(.replayed))
            #expect(world.issuer.requests(to: "/token") == 1)
        }
    }

    @Test func `is refused with the answer to another attempt`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let (mine, others) = (
                try await provider.authorizationURL(), try await provider.authorizationURL()
            )
            let callback = try world.issuer.callback(for: others)
            #expect(
                await clientError {
                    _ = try await provider.exchange(callback: callback, for: mine)
                } == .callback(.state))
            #expect(world.issuer.requests(to: "/token") == 0)
        }
    }

    @Test func `is refused when it took more than an hour`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            let callback = try world.issuer.callback(for: attempt)
            world.time.advance(by: 3_600)
            #expect(
                await clientError {
                    _ = try await provider.exchange(callback: callback, for: attempt)
                } == .callback(.expired))
        }
    }

    @Test func `is refused when the attempt was begun at another provider`() async throws {
        try await ClientWorld.run { world in
            let honest = try await world.provider()
            let attempt = try await honest.authorizationURL()
            let callback = try world.issuer.callback(for: attempt)
            try await ClientWorld.run { other in
                let attacker = try await other.provider()
                #expect(
                    await clientError {
                        _ = try await attacker.exchange(callback: callback, for: attempt)
                    } == .callback(.otherProvider))
                #expect(other.issuer.requests(to: "/token") == 0)
            }
        }
    }

    @Test(arguments: [
        ("login_required", ClientError.loginRequired),
        ("interaction_required", .interactionRequired), ("consent_required", .consentRequired),
        ("account_selection_required", .accountSelectionRequired),
        ("access_denied", .accessDenied),
    ])
    func `says what to do when the provider says no`(code: String, error: ClientError) async throws
    {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            let callback =
                "error=\(code)&state=\(attempt.state)&iss=\(world.issuer.address)"
            #expect(
                await clientError {
                    _ = try await provider.exchange(callback: callback, for: attempt)
                } == error)
        }
    }

    @Test func `pushes the request first, if so configured`() async throws {
        try await ClientWorld.run { world in
            world.configuration.pushesRequests = true
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            #expect(!attempt.url.contains(attempt.state))
            #expect(attempt.url.contains("request_uri=urn"))
            let agent = try await provider.exchange(
                callback: world.issuer.callback(for: attempt), for: attempt)
            #expect(agent.subject == "usr_kay")
        }
    }

    @Test(arguments: [false, true])
    func `binds the tokens to a key, if so configured`(wantsNonce: Bool) async throws {
        try await ClientWorld.run { world in
            let key = try ClientKey()
            world.configuration.tokenKey = key
            world.issuer.wantsNonce = wantsNonce
            let provider = try await world.provider()
            let attempt = try await provider.authorizationURL()
            #expect(attempt.url.contains("dpop_jkt=\(key.thumbprint)"))
            let agent = try await provider.exchange(
                callback: world.issuer.callback(for: attempt), for: attempt)
            #expect(agent.tokens.isBound)
            #expect(world.issuer.requests(to: "/token") == (wantsNonce ? 2 : 1))
            let restored = try ClientKey(stored: key.storedBytes)
            #expect(restored.thumbprint == key.thumbprint && "\(key)" == "‹secret›")
        }
    }

    @Test func `needs openid, a redirect URI and an issuer that is safe to ask`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let error = await clientError {
                _ = try await provider.authorizationURL(AuthorizationOptions(scopes: ["email"]))
            }
            guard case .configuration = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            for issuer in ["http://example.com", "ftp://a.test", "https://a.test?x=1", ""] {
                let error = await clientError {
                    _ = try await IdentityProvider.discover(
                        issuer, as: world.configuration, clock: world.time.clock)
                }
                guard case .configuration = error else {
                    Issue.record("\(issuer): \(String(describing: error))")
                    return
                }
            }
        }
    }
}
