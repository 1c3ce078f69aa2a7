import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `An access token` {
        private func tokens(
            _ world: World, for client: Client? = nil, _ scope: Scope = .identity
        ) async throws -> TokenResponse {
            let client = client ?? world.web
            let code = try await world.code(for: client, scope)
            return try await world.redeem(code.secret, by: client, after: .seconds(0))
        }

        private func userInfo(
            _ world: World, _ token: String, at tenant: Tenant? = nil,
            through issuer: Issuer? = nil,
            after delay: Lifetime = .seconds(1)
        ) async throws -> UserInfo {
            try await world.gatehouse.accessTokenVerifier.userInfo(
                .bearer(token), ProofPresentation(proofs: [], method: "GET", target: nil),
                of: tenant ?? world.acme, through: issuer ?? world.issuer,
                at: World.start + delay
            ).userInfo
        }

        private func revoke(_ world: World, _ token: String, by client: Client) async throws {
            let request = try RevocationRequest(FormParameters([("token", token)]))
            try await world.gatehouse.revokeToken.revoke(
                request, by: client, of: world.acme, on: World.occasion(after: .seconds(2)))
        }

        @Test(arguments: Backend.available)
        func `tells the client who signed in`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let token = try await tokens(world).accessToken
                let answer = try await userInfo(world, token)
                #expect(answer.subject == world.kay.id.text)
                #expect(answer.scope == .identity && answer.identity == world.kay.identity)
                let verified = try await world.gatehouse.accessTokenVerifier.verify(
                    token, of: world.acme, at: World.start)
                #expect(verified.clientID == world.web.id && verified.grantID != nil)
                #expect(verified.expiresAt == World.start + .minutes(15))
            }
        }

        @Test(arguments: Backend.available)
        func `ends after a quarter of an hour`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let token = try await tokens(world).accessToken
                _ = try await userInfo(world, token, after: .seconds(899))
                let late = try await refusal {
                    try await userInfo(world, token, after: .seconds(906))
                }
                #expect(late == .invalidToken)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-493: is good at a node whose clock is behind`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let token = try await tokens(world).accessToken
                let verified = try await world.gatehouse.accessTokenVerifier.verify(
                    token, of: world.acme, at: World.start - .hours(1))
                #expect(verified.clientID == world.web.id)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-493: stays revoked and over when the clock is set back`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web).secret
                for delay in [Lifetime.hours(1), .seconds(1)] {
                    let error = try await refusal {
                        try await world.redeem(code, by: world.web, after: delay)
                    }
                    #expect(error == .invalidGrant)
                }
                let (token, _) = try await world.refreshToken(for: world.phone)
                for delay in [Lifetime.days(31), .seconds(1)] {
                    let error = try await refusal {
                        try await world.refresh(token, by: world.phone, after: delay)
                    }
                    #expect(error == .invalidGrant)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-130, GH-481: of one tenant is worth nothing at another`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.gatehouse.keys.ensure(
                    .es256, of: world.umbra.id, on: World.occasion())
                let token = try await tokens(world).accessToken
                let umbra = Issuer(stored: "https://id.test/t/umbra")
                for issuer in [umbra, world.issuer] {
                    let error = try await refusal {
                        try await userInfo(world, token, at: world.umbra, through: issuer)
                    }
                    #expect(error == .invalidToken)
                }
                let keys = try await world.gatehouse.registry.keys(
                    of: world.umbra.id, at: World.start)
                let claims = try UnverifiedJWS(parsing: token).unverifiedPayload
                let forged = try keys.accessTokenSigner(.es256, at: World.start).sign(claims)
                let error = try await refusal { try await userInfo(world, forged) }
                #expect(error == .invalidToken)
            }
        }

        @Test(
            arguments: Backend.available,
            [
                "https://id.test/t/acme/", "https://ID.test/t/acme", "http://id.test/t/acme",
                "https://id.test/t/acm", "https://id.test/t/umbra", "",
            ])
        func `GH-130: is good only at the issuer that it names`(
            backend: Backend, issuer: String
        ) async throws {
            try await backend.withWorld { world in
                let token = try await tokens(world).accessToken
                let error = try await refusal {
                    try await userInfo(world, token, through: Issuer(stored: issuer))
                }
                #expect(error == .invalidToken)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-127: is no ID token, and nothing that was altered`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let response = try await tokens(world)
                let token = response.accessToken
                let parts = token.split(separator: ".").map(String.init)
                let none = Base64URL.encode(Array(#"{"alg":"none","typ":"at+jwt"}"#.utf8))
                for wrong in [
                    "", ".", "..", "a.b.c", try #require(response.idToken), token + "A",
                    String(token.dropLast()), parts[0] + "." + parts[1], token + ".",
                    none + "." + parts[1] + ".", none + "." + parts[1] + "." + parts[2],
                    parts[0] + "." + parts[1] + ".", " " + token,
                    try #require(response.refreshToken),
                    String(repeating: "a", count: 1 << 20),
                ] {
                    let error = try await refusal { try await userInfo(world, wrong) }
                    #expect(error == .invalidToken)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-160: of a client for itself shows nobody`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var machine = try World.client("Machine", .machine)
                machine.scope = Scope("openid", "api")
                let client = machine
                _ = try await world.gatehouse.clients.create(
                    client, in: world.acme.id, on: World.occasion())
                func issue(_ scope: Scope?) async throws -> TokenResponse {
                    try await world.gatehouse.clientCredentialsGrant.issue(
                        ClientCredentialsRequest(scope: scope), to: client, of: world.acme,
                        through: world.issuer, on: World.occasion())
                }
                let token = try await issue(nil)
                #expect(token.scope == Scope("api") && token.refreshToken == nil)
                #expect(token.idToken == nil)
                let error = try await refusal { try await userInfo(world, token.accessToken) }
                #expect(error == .insufficientScope)
                for scope in [Scope("openid"), Scope("api", "openid"), Scope("admin")] {
                    #expect(try await refusal { try await issue(scope) } == .invalidScope)
                }
                try await world.gatehouse.usage.flush(to: world.database)
                #expect(try await world.count(.tokenIssued) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `without the scope openid shows nobody`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let token = try await tokens(world, Scope("email")).accessToken
                let error = try await refusal { try await userInfo(world, token) }
                #expect(error == .insufficientScope)
            }
        }

        @Test(arguments: Backend.available)
        func `is revoked alone, by its client`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let response = try await tokens(world)
                let token = response.accessToken
                let twin = try await world.refresh(
                    try #require(response.nextToken), by: world.web
                ).accessToken
                try await revoke(world, token, by: world.phone)
                _ = try await userInfo(world, token)
                for _ in 0..<2 { try await revoke(world, token, by: world.web) }
                let error = try await refusal { try await userInfo(world, token) }
                #expect(error == .invalidToken)
                _ = try await userInfo(world, twin)
                #expect(try await world.count(.tokenRevoked) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is revoked with its grant, by a refresh token of it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let response = try await tokens(world, for: world.phone)
                let old = try #require(response.refreshToken)
                _ = try await world.refresh(try #require(response.nextToken), by: world.phone)
                try await revoke(world, old, by: world.web)
                _ = try await userInfo(world, response.accessToken)
                #expect(try await world.count(.grantRevoked) == 0)
                for _ in 0..<2 { try await revoke(world, old, by: world.phone) }
                let error = try await refusal { try await userInfo(world, response.accessToken) }
                #expect(error == .invalidToken)
                #expect(try await world.count(.grantRevoked) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `that nobody issued is revoked without a word`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                for text in [
                    "x", "a.b.c", Secret(for: .refreshToken).revealed, code.secret.revealed,
                    String(repeating: "a", count: 1 << 20),
                ] {
                    try await revoke(world, text, by: world.web)
                }
                _ = try await world.redeem(code.secret, by: world.web)
            }
        }
    }
}
