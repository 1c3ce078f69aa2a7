import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Sixty-four at once` {
        private func successes<Value>(_ outcomes: [Result<Value, any Error>]) throws -> [Value] {
            for case .failure(let error) in outcomes {
                #expect((error as? OAuthError)?.code == .invalidGrant)
            }
            return outcomes.compactMap { outcome in try? outcome.get() }
        }

        @Test(arguments: Backend.available)
        func `GH-070, GH-458: exchange one code: one of them gets tokens`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                for _ in 0..<3 {
                    let code = try await world.code(for: world.phone)
                    let outcomes = await concurrently(64) { _ in
                        try await world.redeem(code.secret, by: world.phone)
                    }
                    #expect(try successes(outcomes).count == 1)
                    let live = try await world.records {
                        try $0.refreshTokens.countLive(of: code.grant.id, at: World.start)
                    }
                    #expect(live == 1)
                    // The others came too late, which looks like theft.
                    #expect(try await world.isRevoked(code.grant))
                }
                #expect(try await world.count(.codeRedeemed) == 3)
                #expect(try await world.count(.codeReused) == 3)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-458: use one refresh token: all get the same successor`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                for _ in 0..<3 {
                    let (token, grant) = try await world.refreshToken(for: world.phone)
                    let outcomes = await concurrently(64) { _ in
                        try await world.refresh(token, by: world.phone)
                    }
                    let answers = try outcomes.map { try $0.get() }
                    #expect(Set(answers.compactMap(\.refreshToken)).count == 1)
                    #expect(Set(answers.map(\.accessToken)).count == 64)
                    let live = try await world.records {
                        try $0.refreshTokens.countLive(of: grant.id, at: World.start)
                    }
                    #expect(live == 1)
                    #expect(try await !world.isRevoked(grant))
                }
                #expect(try await world.count(.tokenRefreshed) == 3)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-458: refresh while the grant is revoked: no token outlives it`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let outcomes = await concurrently(64) { number in
                    if number == 32 {
                        try await world.records {
                            _ = try $0.grants.revoke(grant.id, at: World.start)
                        }
                    }
                    return try await world.refresh(token, by: world.phone)
                }
                let answers = try successes(outcomes)
                for next in Set(answers.compactMap(\.refreshToken)) {
                    let error = try await refusal {
                        try await world.refresh(
                            try #require(Secret(next, for: .refreshToken)), by: world.phone)
                    }
                    #expect(error == .invalidGrant)
                }
                #expect(try await world.isRevoked(grant))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-197: use one admin link: one gets a session`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let link = try await world.gatehouse.adminLink.issue(on: World.occasion())
                let outcomes = await concurrently(64) { _ in
                    try await world.gatehouse.adminLink.use(link, on: World.occasion())
                }
                let winners = try outcomes.compactMap { try $0.get() }
                #expect(winners.count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-458: take one name: one of them gets it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let outcomes = await concurrently(64) { number in
                    let spelling = number.isMultiple(of: 2) ? "Ada@acme.test" : "ada@ACME.test"
                    let user = User(
                        name: nil, email: EmailAddress(parsing: spelling), username: nil,
                        passwordHash: nil, at: World.start)
                    return try await world.gatehouse.users.create(
                        user, password: nil, in: world.acme.id, on: World.occasion())
                }
                let winners = try outcomes.compactMap { try $0.get() }
                #expect(winners.count == 1)
                #expect(try await world.count(.userCreated) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `take one lease: one of them holds it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let outcomes = await concurrently(64) { number in
                    try await world.database.write { transaction in
                        try Lease("job", holder: "node\(number)").take(
                            in: transaction, for: .minutes(2), at: World.start)
                    }
                }
                let holders = try outcomes.map { try $0.get() }
                #expect(holders.count { $0 } == 1)
            }
        }
    }
}
