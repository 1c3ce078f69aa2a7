import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `When the database fails` {
        /// The same installation over a database that breaks at one point.
        private func broken(_ world: World, _ fault: FaultyDatabase.Fault) -> Gatehouse {
            Gatehouse(
                database: FaultyDatabase(sound: world.database, fault: fault),
                instanceKey: world.gatehouse.instanceKey, hasher: world.gatehouse.hasher,
                outbound: world.elsewhere,
                textRecords: world.nameServers)
        }

        /// Tries it with a write that breaks at each point, until one breaks no more.
        private func everyFault(
            _ attempt: (FaultyDatabase.Fault) async throws -> Bool
        ) async throws -> Int {
            for fault in [FaultyDatabase.Fault.begin, .commit, .answer] {
                #expect(try await attempt(fault), "\(fault)")
            }
            for number in 1...100 {
                guard try await attempt(.statement(number)) else { return number - 1 }
            }
            return 100
        }

        private func fails(_ operation: () async throws -> Void) async throws -> Bool {
            do {
                try await operation()
                return false
            } catch let error as DatabaseError {
                #expect(error.isTemporary)
                return true
            }
        }

        @Test(arguments: Backend.available)
        func `GH-125: a refresh happens as a whole, or the old token still works`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let statements = try await everyFault { fault in
                    let (token, grant) = try await world.refreshToken(for: world.phone)
                    let request = RefreshTokenRequest(refreshToken: token.revealed, scope: nil)
                    let failed = try await fails {
                        _ = try await broken(world, fault).refreshTokenGrant.redeem(
                            request, by: world.phone, of: world.acme, through: world.issuer,
                            on: World.occasion(after: .seconds(1)))
                    }
                    let again = try await world.refresh(
                        token, by: world.phone, after: .seconds(2))
                    let next = try #require(again.nextToken)
                    let live = try await world.records {
                        try $0.refreshTokens.countLive(of: grant.id, at: World.start)
                    }
                    #expect(live == 1)
                    _ = try await world.refresh(next, by: world.phone, after: .seconds(3))
                    #expect(try await !world.isRevoked(grant))
                    return failed
                }
                #expect(statements >= 4)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-125: a code is spent as a whole, or is still good`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let statements = try await everyFault { fault in
                    let code = try await world.code(for: world.phone)
                    let failed = try await fails {
                        _ = try await broken(world, fault).authorizationCodeGrant.redeem(
                            AuthorizationCodeRequest(
                                code: code.secret.revealed, redirectURI: World.callback,
                                codeVerifier: World.verifier),
                            by: world.phone, of: world.acme, through: world.issuer,
                            on: World.occasion())
                    }
                    let error = try await refusal {
                        try await world.redeem(code.secret, by: world.phone)
                    }
                    // Without an answer the code is spent all the same, and so is one that worked.
                    let isSpent = fault == .answer || !failed
                    #expect(error == (isSpent ? .invalidGrant : nil))
                    return failed
                }
                #expect(statements >= 4)
            }
        }

        @Test(arguments: Backend.available)
        func `a reuse that could not be recorded is noticed the next time`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                _ = try await everyFault { fault in
                    let (token, grant) = try await world.refreshToken(for: world.phone)
                    _ = try await world.refresh(token, by: world.phone)
                    let request = RefreshTokenRequest(refreshToken: token.revealed, scope: nil)
                    let outcome = await Result {
                        try await broken(world, fault).refreshTokenGrant.redeem(
                            request, by: world.phone, of: world.acme, through: world.issuer,
                            on: World.occasion(after: .minutes(1)))
                    }
                    _ = try await refusal {
                        try await world.refresh(token, by: world.phone, after: .minutes(2))
                    }
                    #expect(try await world.isRevoked(grant))
                    guard case .failure(let error) = outcome else { return false }
                    return error is DatabaseError
                }
            }
        }

        @Test(arguments: Backend.available)
        func `what was used is recorded once it is back`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let usage = UsageRecorder()
                let event = Event(.tokenIssued, by: .client(world.web.id), of: "at_1")
                usage.record(event, of: world.acme.id, on: World.occasion())
                for fault in [FaultyDatabase.Fault.begin, .statement(1), .commit] {
                    let database = FaultyDatabase(sound: world.database, fault: fault)
                    await #expect(throws: DatabaseError.self) {
                        try await usage.flush(to: database)
                    }
                }
                #expect(try await world.count(.tokenIssued) == 0)
                try await usage.flush(to: world.database)
                try await usage.flush(to: world.database)
                #expect(try await world.count(.tokenIssued) == 1)
            }
        }
    }
}
