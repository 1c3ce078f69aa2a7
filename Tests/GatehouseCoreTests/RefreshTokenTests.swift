import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `A refresh token` {
        private func live(_ world: World, _ grant: Grant, after delay: Int64) async throws -> Int64
        {
            try await world.records {
                try $0.refreshTokens.countLive(of: grant.id, at: World.start + .seconds(delay))
            }
        }

        @Test(arguments: Backend.available)
        func `is replaced each time it is used`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var (token, grant) = try await world.refreshToken(for: world.phone)
                var seen = [token.revealed]
                for day in 1...5 as ClosedRange<Int64> {
                    let answer = try await world.refresh(token, by: world.phone, after: .days(day))
                    token = try #require(answer.nextToken)
                    #expect(!seen.contains(token.revealed))
                    seen.append(token.revealed)
                    #expect(answer.scope == .identity && answer.idToken != nil)
                    #expect(try await live(world, grant, after: day * 86_400) == 1)
                }
                #expect(try await world.count(.tokenRefreshed) == 5)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-109: presented again by a retry gives the same successor`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let first = try await world.refresh(token, by: world.phone)
                for delay in [1, 2, 10] as [Int64] {
                    let again = try await world.refresh(
                        token, by: world.phone, after: .seconds(delay))
                    #expect(again.refreshToken == first.refreshToken)
                    #expect(again.accessToken != first.accessToken)
                }
                #expect(try await live(world, grant, after: 10) == 1)
                #expect(try await !world.isRevoked(grant))
                #expect(try await world.count(.tokenRefreshed) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-107: presented again after the leeway revokes the grant`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let next = try #require(try await world.refresh(token, by: world.phone).nextToken)
                let reuse = try await refusal {
                    try await world.refresh(token, by: world.phone, after: .seconds(11))
                }
                #expect(reuse == .invalidGrant)
                #expect(try await world.isRevoked(grant))
                #expect(try await world.count(.refreshTokenReused) == 1)
                let successor = try await refusal {
                    try await world.refresh(next, by: world.phone, after: .seconds(12))
                }
                #expect(successor == .invalidGrant)
                #expect(try await world.count(.refreshTokenReused) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-109, GH-110: presented again after its successor was used revokes the grant`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let second = try #require(
                    try await world.refresh(token, by: world.phone, after: .seconds(1)).nextToken)
                let third = try #require(
                    try await world.refresh(second, by: world.phone, after: .seconds(2)).nextToken)
                let reuse = try await refusal {
                    try await world.refresh(token, by: world.phone, after: .seconds(3))
                }
                #expect(reuse == .invalidGrant)
                #expect(try await world.isRevoked(grant))
                #expect(try await world.count(.refreshTokenReused) == 1)
                for dead in [token, second, third] {
                    let error = try await refusal {
                        try await world.refresh(dead, by: world.phone, after: .seconds(3))
                    }
                    #expect(error == .invalidGrant)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-107: presented again with a wider scope is a sign of theft, too`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                _ = try await world.refresh(token, by: world.phone)
                let error = try await refusal {
                    try await world.refresh(
                        token, by: world.phone, scope: Scope("admin"), after: .seconds(60))
                }
                #expect(error != nil)
                #expect(try await world.isRevoked(grant))
            }
        }

        @Test(arguments: Backend.available)
        func `may be narrowed, for one answer, and not widened`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                for scope in [Scope("admin"), Scope("openid", "admin"), Scope("OPENID")] {
                    let error = try await refusal {
                        try await world.refresh(token, by: world.phone, scope: scope)
                    }
                    #expect(error == .invalidScope)
                }
                #expect(try await !world.isRevoked(grant))
                let narrow = try await world.refresh(
                    token, by: world.phone, scope: Scope("email"))
                #expect(narrow.scope == Scope("email") && narrow.idToken == nil)
                let next = try #require(narrow.nextToken)
                let wide = try await world.refresh(next, by: world.phone, after: .seconds(2))
                #expect(wide.scope == .identity && wide.idToken != nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-112: of another client is refused, noted, and stays good`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let used = try await world.refreshToken(for: world.phone)
                _ = try await world.refresh(used.token, by: world.phone)
                for foreign in [token, used.token] {
                    let error = try await refusal {
                        try await world.refresh(foreign, by: world.web, after: .seconds(60))
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await world.count(.refreshTokenRefused) == 2)
                #expect(try await !world.isRevoked(grant))
                #expect(try await !world.isRevoked(used.grant))
                _ = try await world.refresh(token, by: world.phone)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-112: is good only at the issuer that its grant names`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                for issuer in [world.issuer.text + "/", "https://id.test/t/umbra", ""] {
                    let error = try await refusal {
                        try await world.gatehouse.refreshTokenGrant.redeem(
                            RefreshTokenRequest(refreshToken: token.revealed, scope: nil),
                            by: world.phone, of: world.acme, through: Issuer(stored: issuer),
                            on: World.occasion())
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await !world.isRevoked(grant))
                _ = try await world.refresh(token, by: world.phone)
            }
        }

        @Test(arguments: Backend.available)
        func `yields no more than the client may still ask for`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, _) = try await world.refreshToken(for: world.phone)
                func change(
                    _ change: @escaping @Sendable (inout Client) -> Void
                ) async throws -> Client {
                    try #require(
                        try await world.gatehouse.clients.update(
                            world.phone.id, in: world.acme.id, on: World.occasion(), change))
                }
                let narrowed = try await change { $0.scope = Scope("openid", "offline_access") }
                let answer = try await world.refresh(token, by: narrowed)
                #expect(answer.scope == Scope("openid", "offline_access"))
                let next = try #require(answer.nextToken)
                let never = try await change { $0.policies.refreshTokens = .never }
                let error = try await refusal {
                    try await world.refresh(next, by: never, after: .seconds(2))
                }
                #expect(error == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-110: without a leeway works once, at any moment`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let strict = try #require(
                    try await world.gatehouse.clients.update(
                        world.phone.id, in: world.acme.id, on: World.occasion()
                    ) { $0.policies.rotationLeeway = .seconds(0) })
                for delay in [0, 1, 2] as [Int64] {
                    let (token, grant) = try await world.refreshToken(for: strict)
                    _ = try await world.refresh(token, by: strict, after: .seconds(1))
                    let error = try await refusal {
                        try await world.refresh(token, by: strict, after: .seconds(delay))
                    }
                    #expect(error == .invalidGrant)
                    #expect(try await world.isRevoked(grant))
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-113: of one tenant is unknown to another`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, _) = try await world.refreshToken(for: world.phone)
                let error = try await refusal {
                    try await world.gatehouse.refreshTokenGrant.redeem(
                        RefreshTokenRequest(refreshToken: token.revealed, scope: nil),
                        by: world.phone, of: world.umbra, through: world.issuer,
                        on: World.occasion())
                }
                #expect(error == .invalidGrant)
                _ = try await world.refresh(token, by: world.phone)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-121, GH-122: that nobody issued is refused, and harms no grant`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let code = try await world.code(for: world.phone).secret.revealed
                let access = try await world.refresh(token, by: world.phone)
                let text = try #require(access.refreshToken)
                for wrong in [
                    "", code, access.accessToken, try #require(access.idToken), text + "A",
                    String(text.dropLast()), String(text.prefix(20)), text.lowercased(),
                    "ac_" + text.dropFirst(3), Secret(for: .refreshToken).revealed, text + "=",
                ] {
                    let error = try await refusal {
                        try await world.gatehouse.refreshTokenGrant.redeem(
                            RefreshTokenRequest(refreshToken: wrong, scope: nil), by: world.phone,
                            of: world.acme, through: world.issuer,
                            on: World.occasion(after: .seconds(2)))
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await !world.isRevoked(grant))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-118: ends when it is not used, and when its grant is over`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let idle = try await world.refreshToken(for: world.phone)
                #expect(
                    try await refusal {
                        try await world.refresh(idle.token, by: world.phone, after: .days(30))
                    } == .invalidGrant)
                var (token, _) = try await world.refreshToken(for: world.phone)
                for day in stride(from: Int64(29), to: 365, by: 29) {
                    let answer = try await world.refresh(token, by: world.phone, after: .days(day))
                    token = try #require(answer.nextToken)
                }
                #expect(
                    try await refusal {
                        try await world.refresh(token, by: world.phone, after: .days(365))
                    } == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-119: of an online grant ends with its session`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let scope = Scope("openid")
                let busy = try await world.refreshToken(for: world.phone, scope)
                let next = try #require(
                    try await world.refresh(busy.token, by: world.phone, after: .hours(23))
                        .nextToken)
                // The session was seen an hour ago, since refreshing counts.
                _ = try await world.refresh(next, by: world.phone, after: .hours(24))
                let idle = try await world.refreshToken(for: world.phone, scope)
                #expect(
                    try await refusal {
                        try await world.refresh(idle.token, by: world.phone, after: .hours(24))
                    } == .invalidGrant)
            }
        }
    }

    @Suite struct `A refresh token that stays` {
        @Test(arguments: Backend.available)
        func `is the same after each use`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.web)
                for day in [1, 25, 50, 75] as [Int64] {
                    let answer = try await world.refresh(token, by: world.web, after: .days(day))
                    #expect(answer.refreshToken == token.revealed)
                }
                #expect(try await world.count(.tokenRefreshed) == 4)
                #expect(try await !world.isRevoked(grant))
                #expect(
                    try await refusal {
                        try await world.refresh(token, by: world.web, after: .days(105))
                    } == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-107: is not one that was replaced before the client's rule changed`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, _) = try await world.refreshToken(for: world.phone)
                _ = try await world.refresh(token, by: world.phone)
                let changed = try #require(
                    try await world.gatehouse.clients.update(
                        world.phone.id, in: world.acme.id, on: World.occasion()
                    ) { $0.policies.rotation = .stable })
                let error = try await refusal {
                    try await world.refresh(token, by: changed, after: .days(1))
                }
                #expect(error == .invalidGrant)
            }
        }
    }
}
