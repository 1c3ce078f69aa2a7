import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Removing what expired` {
        /// How many rows each table has, in the order of the names.
        private func counts(_ world: World) async throws -> [Int64] {
            try await world.database.read { transaction in
                let statements: [SQL] = [
                    "SELECT count(*) AS n FROM one_time_secret",
                    "SELECT count(*) AS n FROM interaction",
                    "SELECT count(*) AS n FROM refresh_token",
                    "SELECT count(*) AS n FROM authorization_grant",
                    "SELECT count(*) AS n FROM browser_session",
                    "SELECT count(*) AS n FROM revoked_access_token",
                    "SELECT count(*) AS n FROM signing_key",
                ]
                return try statements.map { try transaction.row($0)?.integer("n") ?? -1 }
            }
        }

        /// One row in each table, made at the start.
        private func fill(_ world: World) async throws {
            _ = try await world.code(for: world.web)
            _ = try await world.authorize(
                world.web,
                [("code_challenge", World.challenge), ("code_challenge_method", "S256")],
                from: Browser(secret: nil, session: nil))
            let (_, grant) = try await world.refreshToken(for: world.phone)
            try await world.records { records in
                let end = World.start + .minutes(15)
                _ = try records.revokedAccessTokens.insert("at_\(grant.id.text)", until: end)
            }
            _ = try await world.gatehouse.keys.rotate(
                .es256, of: world.acme.id, start: .atOnce, on: World.occasion())
        }

        private func run(_ world: World, after delay: Lifetime, holder: String = "a") async throws {
            let job = RemoveExpired(database: world.database, holder: holder)
            while try await job.run(at: World.start + delay) {}
        }

        @Test(arguments: Backend.available)
        func `takes each row in its time, and no other`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await fill(world)
                // Secrets, interactions, refresh tokens, grants, sessions, revocations, keys.
                let steps: [(Lifetime, [Int64])] = [
                    (.seconds(0), [1, 1, 1, 2, 2, 1, 2]), (.minutes(59), [1, 1, 1, 2, 2, 1, 2]),
                    (.minutes(61), [1, 0, 1, 2, 2, 1, 2]),
                    (.hours(24), [1, 0, 1, 2, 2, 1, 2]),
                    (.hours(24) + .minutes(2), [0, 0, 1, 2, 2, 1, 2]),
                    (.hours(24) + .minutes(17), [0, 0, 1, 1, 2, 0, 2]),
                    (.hours(26), [0, 0, 1, 1, 2, 0, 2]), (.hours(49), [0, 0, 1, 1, 2, 0, 1]),
                    (.days(16), [0, 0, 1, 1, 0, 0, 1]), (.days(32), [0, 0, 0, 1, 0, 0, 1]),
                    (.days(367), [0, 0, 0, 0, 0, 0, 1]), (.days(9_999), [0, 0, 0, 0, 0, 0, 1]),
                ]
                for (delay, expected) in steps {
                    try await run(world, after: delay)
                    #expect(try await counts(world) == expected, "\(delay)")
                }
                #expect(try await world.gatehouse.clients.list(in: world.acme.id).count == 2)
                #expect(try await world.count(.grantCreated) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `works in batches, all of which come to an end`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.records { records in
                    for number in 0..<1_100 {
                        _ = try records.revokedAccessTokens.insert(
                            "at_\(number)", until: World.start)
                    }
                }
                let job = RemoveExpired(database: world.database, holder: "a")
                let later = World.start + .days(2)
                var rounds: [Bool] = []
                for _ in 0..<3 { rounds.append(try await job.run(at: later)) }
                #expect(rounds == [true, true, false])
                #expect(try await counts(world)[5] == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is done by one node at a time`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await fill(world)
                try await run(world, after: .days(400) + .seconds(0), holder: "b")
                try await fill(world)
                try await run(world, after: .days(400) + .seconds(119), holder: "a")
                #expect(try await counts(world)[0] == 1)
                try await run(world, after: .days(400) + .seconds(120), holder: "a")
                #expect(try await counts(world)[0] == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `leaves what tells a thief from a retry`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                _ = try await world.refresh(token, by: world.phone)
                try await run(world, after: .days(29))
                let error = try await refusal {
                    try await world.refresh(token, by: world.phone, after: .days(29))
                }
                #expect(error == .invalidGrant)
                #expect(try await world.isRevoked(grant))
            }
        }
    }

    @Suite struct `A lease` {
        @Test(arguments: Backend.available)
        func `is held by one, who may keep it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                func take(_ holder: String, _ name: String = "job", at second: Int64) async throws
                    -> Bool
                {
                    try await world.database.write { transaction in
                        try Lease(name, holder: holder).take(
                            in: transaction, for: .seconds(10),
                            at: World.start + .seconds(second))
                    }
                }
                let isFirst = try await take("a", at: 0)
                #expect(isFirst)
                #expect(try await !take("b", at: 0))
                #expect(try await take("b", "other", at: 0))
                #expect(try await take("a", at: 9))
                #expect(try await !take("b", at: 18))
                #expect(try await take("b", at: 19))
                #expect(try await !take("a", at: 20))
            }
        }
    }

    @Suite struct `The usage recorder` {
        @Test(arguments: Backend.available)
        func `writes what it was told, once`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let usage = UsageRecorder()
                try await usage.flush(to: world.database)
                for number in 0..<1_200 {
                    let event = Event(.tokenIssued, by: .client(world.web.id), of: "at_\(number)")
                    usage.record(event, of: world.acme.id, on: World.occasion())
                }
                let secret = try #require(
                    try await world.gatehouse.clients.secrets(
                        of: world.web.id, in: world.acme.id
                    ).first)
                for second in [5, 9, 7] as [Int64] {
                    usage.record(
                        secret: secret.id, of: world.acme.id, at: World.start + .seconds(second))
                    try await usage.flush(to: world.database)
                }
                let events = try await world.records {
                    try $0.events.latest(5_000).count { $0.kind == "access_token.issued" }
                }
                #expect(events == 1_200)
                let used = try await world.gatehouse.clients.secrets(
                    of: world.web.id, in: world.acme.id)
                #expect(used.first?.lastUsedAt == World.start + .seconds(9))
            }
        }

        @Test(arguments: Backend.available)
        func `does not mind what was deleted meanwhile`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let usage = UsageRecorder()
                usage.record(
                    secret: ClientSecret.ID(at: World.start), of: Tenant.ID(at: World.start),
                    at: World.start)
                let event = Event(.tokenIssued, by: .system)
                usage.record(event, of: world.acme.id, on: World.occasion())
                try await usage.flush(to: world.database)
                #expect(try await world.count(.tokenIssued) == 1)
            }
        }
    }
}

extension Lifetime {
    fileprivate static func + (one: Self, other: Self) -> Self {
        .seconds(one.seconds + other.seconds)
    }
}
