import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Wrong passwords` {
        /// Addresses of strangers, each in a network of its own.
        private func addresses(_ count: Int) -> [String] {
            (0..<count).map { "198.51.\($0 / 256).\($0 % 256)" }
        }

        @Test(arguments: Backend.available)
        func `GH-200: are looked at eight times for a name and a network`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                for name in ["kay", "nobody", "no name at all"] {
                    let visitor = Visitor(world: world)
                    for number in 1...12 {
                        let answer = try await visitor.answer(name)
                        #expect(answer == (number <= 8 ? .refused : .limited), "\(name) \(number)")
                    }
                    // Not even the right one is.
                    #expect(try await visitor.answer(name, Visitor.password) == .limited)
                }
                #expect(try await world.count(.signInFailed) == 24)
                #expect(try await world.count(.limitExceeded) == 3, "Told once in each window.")
                #expect(try await world.count(.signedIn) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `may be tried again when the window is over, and the wait says when`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let visitor = Visitor(world: world)
                for _ in 1...8 { _ = try await visitor.attempt("kay") }
                let begin = Lifetime.seconds(1)
                for (delay, wait) in [(begin, 3_600), (.seconds(3_600), 1)] {
                    guard
                        case .limited(let exceeded) = try await visitor.attempt("kay", after: delay)
                    else { throw Unexpected() }
                    #expect(exceeded.retryAfter == wait && exceeded.name == .passwordNameNetwork)
                }
                #expect(try await visitor.answer("kay", after: .seconds(3_601)) == .refused)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-200: for one account are a hundred at most in any hour`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                var looked = 0
                // All in one hour: the end of one window and the begin of the next.
                for delay in [Lifetime.minutes(30), .minutes(91)] {
                    for address in addresses(20) {
                        let visitor = Visitor(world: world, address: address)
                        for name in ["kay", "KAY@acme.test", "Kay", "kay@acme.test"] {
                            let answer = try await visitor.answer(name, after: delay)
                            looked += answer == .refused ? 1 : 0
                        }
                    }
                }
                #expect(looked == 100)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-205: of strangers keep nobody out of a known device`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let known = try await Visitor(world: world, address: "203.0.113.9").signedIn("kay")
                for address in addresses(60) + ["203.0.113.9"] {
                    for _ in 0..<2 {
                        _ = try await Visitor(world: world, address: address).attempt("kay")
                    }
                }
                let stranger = Visitor(world: world, address: "203.0.113.10")
                #expect(try await stranger.answer("kay", Visitor.password) == .limited)
                #expect(try await known.answer("kay") == .refused)
                #expect(try await known.answer("kay", Visitor.password) == .signedIn)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-200: in a known device are limited, too`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let known = try await Visitor(world: world).signedIn("kay")
                for number in 1...10 {
                    #expect(try await known.answer("kay") == (number <= 8 ? .refused : .limited))
                }
                #expect(try await known.answer("kay", Visitor.password) == .limited)
                let later = Lifetime.seconds(15 * 60 + 1)
                #expect(
                    try await known.answer("kay", Visitor.password, after: later) == .signedIn)
                // A stranger's attempts were not used up by it.
                #expect(
                    try await Visitor(world: world).answer("kay", Visitor.password) == .signedIn)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-206: are counted exactly, however many come at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                let outcomes = await concurrently(64) { _ in
                    try await Visitor(world: world).answer("kay")
                }
                let answers = try outcomes.map { try $0.get() }
                #expect(answers.count { $0 == .refused } == 8)
                #expect(answers.count { $0 == .limited } == 56)
                #expect(try await world.count(.limitExceeded) == 1)
                #expect(try await world.count(.signInFailed) == 8)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-203: for many names from one network are limited, and from others not`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                try await world.limit(.passwordNetwork, 5)
                let sprayer = Visitor(world: world, address: "2001:db8:1:2::77")
                for number in 0..<5 {
                    #expect(try await sprayer.answer("user\(number)") == .refused)
                }
                let neighbour = Visitor(world: world, address: "2001:db8:1:2:ffff::1")
                #expect(try await neighbour.answer("kay", Visitor.password) == .limited)
                let other = Visitor(world: world, address: "2001:db8:1:3::77")
                #expect(try await other.answer("kay", Visitor.password) == .signedIn)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-208: before one's own right one are forgotten, and nobody else's`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.setPassword()
                _ = try await world.addUser("mallory")
                try await world.limit(.passwordNetwork, 20)
                let visitor = Visitor(world: world)
                for round in 0..<2 {
                    for _ in 1...7 { #expect(try await visitor.answer("kay") == .refused) }
                    // Kay knows it after all, and may forget it again.
                    guard round == 0 else { break }
                    #expect(try await visitor.answer("kay", Visitor.password) == .signedIn)
                }
                for _ in 1...5 {
                    #expect(try await visitor.answer("mallory", Visitor.password) == .signedIn)
                }
                #expect(try await visitor.answer("kay") == .refused)
                #expect(try await visitor.answer("kay") == .limited)
                // 15 wrong ones from this network, and no right one has made them fewer.
                for number in 0..<5 {
                    #expect(try await visitor.answer("user\(number)") == .refused)
                }
                #expect(try await visitor.answer("mallory", Visitor.password) == .limited)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-211: are counted by all nodes together`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let other = Gatehouse(
                    database: world.database, instanceKey: world.gatehouse.instanceKey,
                    hasher: world.gatehouse.hasher, outbound: world.elsewhere,
                    textRecords: world.nameServers)
                let here = Visitor(world: world)
                let there = Visitor(world: world, node: other)
                var answers: [Visitor.Answer] = []
                for visitor in [here, there, here, there, here, there, here, there, here, there] {
                    answers.append(try await visitor.answer("kay"))
                }
                #expect(answers.prefix(8).allSatisfy { $0 == .refused })
                #expect(answers.suffix(2).allSatisfy { $0 == .limited })
            }
        }

        @Test(arguments: Backend.available)
        func `that a busy server does not look at are not counted`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let narrow = Gatehouse(
                    database: world.database, instanceKey: world.gatehouse.instanceKey,
                    hasher: try PasswordHasher(memory: 19, threads: 1, patience: .seconds(600)),
                    outbound: world.elsewhere,
                    textRecords: world.nameServers)
                try await world.limit(.passwordNetwork, 1_000)
                let outcomes = await concurrently(200) { number in
                    try await Visitor(world: world, node: narrow).answer("user\(number)")
                }
                let looked = outcomes.count { outcome in (try? outcome.get()) == .refused }
                let busy = outcomes.count { outcome in
                    if case .failure(let error) = outcome {
                        error is PasswordHasher.Busy
                    } else {
                        false
                    }
                }
                #expect(looked + busy == 200 && looked >= 32)
                let counted = try await world.database.read { transaction in
                    try transaction.row(
                        "SELECT max(attempts) AS most FROM attempt_counter")?.integer("most")
                }
                #expect(counted == Int64(looked))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-212: and accounts that strangers make are limited for a network`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.limit(.accountNetwork, 3)
                let visitor = Visitor(world: world)
                // A name that is taken counts as well, or names could be looked for here.
                for email in ["ada@acme.test", "kay@acme.test", "bob@acme.test"] {
                    if case .limited = try await visitor.createAccount(email) { throw Unexpected() }
                }
                guard case .limited = try await visitor.createAccount("eve@acme.test") else {
                    throw Unexpected()
                }
                let elsewhere = Visitor(world: world, address: "203.0.113.1")
                guard case .answered = try await elsewhere.createAccount("eve@acme.test") else {
                    throw Unexpected()
                }
                #expect(try await world.count(.userCreated) == 3)
                #expect(try await world.count(.limitExceeded) == 1)
            }
        }

        private struct Unexpected: Error {}
    }
}
