import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `An authorization code` {
        @Test(arguments: Backend.available)
        func `GH-083: is exchanged for tokens about the one who signed in`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                let tokens = try await world.redeem(code.secret, by: world.web)
                #expect(tokens.scope == .identity && tokens.expiresIn == 900)
                #expect(tokens.nextToken != nil)
                let keys = try await world.gatehouse.registry.keys(
                    of: world.acme.id, at: World.start)
                let payload = try UnverifiedJWS(parsing: try #require(tokens.idToken)).verified(
                    by: keys.published, algorithms: [.es256], types: [.jwt])
                let claims = try JSONObject(parsing: payload)
                #expect(claims["iss"]?.string == world.issuer.text)
                #expect(claims["sub"]?.string == world.kay.id.text)
                #expect(claims["aud"]?.string == world.web.id.text)
                #expect(claims["nonce"]?.string == "n-0S6")
                #expect(claims["sid"]?.string == code.session.id.text)
                #expect(claims["auth_time"]?.integer == World.start.seconds)
                #expect(claims["email"]?.string == "kay@acme.test")
                #expect(claims["email_verified"]?.bool == false)
                #expect(try await world.count(.codeRedeemed) == 1)
                #expect(try await !world.isRevoked(code.grant))
            }
        }

        @Test(arguments: Backend.available)
        func `yields what its scope and its client say`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let online = try await world.code(for: world.web, Scope("openid"))
                let first = try await world.redeem(online.secret, by: world.web)
                #expect(first.idToken != nil && first.refreshToken == nil)
                let plain = try await world.code(for: world.phone, Scope("email"))
                let second = try await world.redeem(plain.secret, by: world.phone)
                #expect(second.idToken == nil && second.refreshToken == nil)
                #expect(second.scope == Scope("email"))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-061, GH-064: is spent by a wrong verifier`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let wrong: [String?] = [
                    nil, "", "x", String(World.verifier.dropLast()) + "l",
                    World.verifier.uppercased(), World.verifier + "a", World.challenge,
                    String(repeating: "a", count: 129),
                ]
                for verifier in wrong {
                    let code = try await world.code(for: world.phone)
                    let error = try await refusal {
                        try await world.redeem(code.secret, by: world.phone, verifier: verifier)
                    }
                    #expect(error == .invalidGrant)
                    let right = try await refusal {
                        try await world.redeem(code.secret, by: world.phone)
                    }
                    #expect(right == .invalidGrant)
                    #expect(try await world.isRevoked(code.grant))
                }
                #expect(try await world.count(.codeRefused) == wrong.count)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-056: is spent by a wrong redirect URI`(backend: Backend) async throws {
            try await backend.withWorld { world in
                for uri in [
                    "https://web.test/CB", "https://web.test/cb/", "https://evil.test/cb", "x",
                    "https://web.test/cb?",
                ] {
                    let code = try await world.code(for: world.web)
                    for sent in [uri, World.callback] {
                        let error = try await refusal {
                            try await world.redeem(code.secret, by: world.web, redirectURI: sent)
                        }
                        #expect(error == .invalidGrant)
                    }
                }
                let code = try await world.code(for: world.web)
                _ = try await world.redeem(code.secret, by: world.web, redirectURI: nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-062: without a challenge needs the redirect URI and takes no verifier`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let legacy = try #require(
                    try await world.gatehouse.clients.update(
                        world.web.id, in: world.acme.id, on: World.occasion()
                    ) { $0.policies.requiresPKCE = false })
                func error(_ verifier: String?, _ uri: String?) async throws -> OAuthError.Code? {
                    let code = try await world.code(for: legacy, challenge: nil)
                    return try await refusal {
                        try await world.redeem(
                            code.secret, by: legacy, verifier: verifier, redirectURI: uri)
                    }
                }
                #expect(try await error(World.verifier, World.callback) == .invalidGrant)
                #expect(try await error(nil, nil) == .invalidGrant)
                #expect(try await error(nil, World.callback) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-070: presented again revokes what it yielded`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.phone)
                let tokens = try await world.redeem(code.secret, by: world.phone)
                for delay in [2, 3, 61] as [Int64] {
                    let again = try await refusal {
                        try await world.redeem(
                            code.secret, by: world.phone, after: .seconds(delay))
                    }
                    #expect(again == .invalidGrant)
                    #expect(try await world.isRevoked(code.grant))
                }
                #expect(try await world.count(.codeReused) == 1)
                let token = try #require(tokens.nextToken)
                let refresh = try await refusal {
                    try await world.refresh(token, by: world.phone, after: .seconds(4))
                }
                #expect(refresh == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-071: of another client is refused, and stays good`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                let other = try World.client("Other", .web)
                _ = try await world.gatehouse.clients.create(
                    other, in: world.acme.id, on: World.occasion())
                for client in [world.phone, other] {
                    let error = try await refusal {
                        try await world.redeem(code.secret, by: client)
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await world.count(.codeRefused) == 2)
                _ = try await world.redeem(code.secret, by: world.web)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-073: is good for a minute`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let good = try await world.code(for: world.web)
                _ = try await world.redeem(good.secret, by: world.web, after: .seconds(59))
                let late = try await world.code(for: world.web)
                for delay in [60, 62, 1_000_000] as [Int64] {
                    let error = try await refusal {
                        try await world.redeem(late.secret, by: world.web, after: .seconds(delay))
                    }
                    #expect(error == .invalidGrant)
                }
                // An expired code is no sign of theft.
                #expect(try await world.count(.codeReused) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-074, GH-121: that nobody issued is refused`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                let text = code.secret.revealed
                let refresh = Secret(for: .refreshToken).revealed
                for wrong in [
                    "", "x", Secret(for: .authorizationCode).revealed, refresh, text + "=",
                    text + " ", String(text.dropLast()), text.uppercased(),
                    "rt_" + text.dropFirst(3), String(repeating: "a", count: 100_000),
                ] {
                    let error = try await refusal {
                        try await world.gatehouse.authorizationCodeGrant.redeem(
                            AuthorizationCodeRequest(
                                code: wrong, redirectURI: World.callback,
                                codeVerifier: World.verifier),
                            by: world.web, of: world.acme, through: world.issuer,
                            on: World.occasion())
                    }
                    #expect(error == .invalidGrant)
                }
                _ = try await world.redeem(code.secret, by: world.web)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-079: is not for a machine`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let machine = try World.client("Machine", .machine)
                let error = try await refusal {
                    try await world.redeem(Secret(for: .authorizationCode), by: machine)
                }
                #expect(error == .unauthorizedClient)
            }
        }
    }
}
