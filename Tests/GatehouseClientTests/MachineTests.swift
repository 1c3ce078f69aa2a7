import GatehouseClient
import GatehouseTesting
import Testing

@Suite struct `Without a browser` {
    @Test func `an app gets a token for itself`() async throws {
        try await ClientWorld.run { world in
            let token = try await world.provider().clientCredentials(scopes: ["read"])
            #expect(token.scopes == ["read"] && token.expiresAt == world.time.time + 300)
            #expect("\(token)" == "‹secret›")
        }
    }

    @Test func `an app proves itself by a key`() async throws {
        try await ClientWorld.run { world in
            world.configuration.credential = .key(try ClientKey())
            let token = try await world.provider().clientCredentials()
            #expect(!token.accessToken.isEmpty)
        }
    }

    @Test func `a token is exchanged for another one`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            var exchange = TokenExchange(subjectToken: "a")
            exchange.audience = "another-api"
            exchange.scopes = ["write"]
            #expect(try await provider.exchange(exchange).scopes == ["write"])
        }
    }

    @Test func `a device waits for somebody to let it in`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            world.issuer.pendingAnswers = 3
            let device = try await provider.authorizeDevice()
            #expect(device.userCode == "WDJB-MJHT")
            let begin = world.time.time
            let agent = try await provider.agent(waitingFor: device)
            #expect(agent.subject == "usr_kay")
            #expect(world.time.time - begin == 20)
        }
    }

    @Test func `a device gives up when the time is over`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            world.issuer.pendingAnswers = 1_000
            let device = try await provider.authorizeDevice()
            #expect(
                await clientError { _ = try await provider.agent(waitingFor: device) }
                    == .deviceCodeExpired)
        }
    }

    @Test func `tokens are revoked and sessions ended`() async throws {
        try await ClientWorld.run { world in
            let provider = try await world.provider()
            let tokens = try await world.signIn(at: provider).tokens
            try await provider.revoke(tokens)
            #expect(world.issuer.requests(to: "/revoke") == 1)
            let address = try provider.logoutURL(
                for: tokens, redirectURI: "https://app.test/", state: "a b")
            #expect(address.hasPrefix(world.issuer.address + "/logout?id_token_hint="))
            #expect(
                address.hasSuffix("post_logout_redirect_uri=https%3A%2F%2Fapp.test%2F&state=a%20b"))
        }
    }
}
