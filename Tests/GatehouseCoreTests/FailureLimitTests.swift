import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `What fails too often` {
        /// The answer in short: the error's code, or `limited`, or nil for none.
        private func answer<Value>(_ work: () async throws -> Value) async throws -> String? {
            do {
                return try await refusal(work)?.rawValue
            } catch is LimitExceeded {
                return "limited"
            }
        }

        private func authenticate(
            _ world: World, _ client: Client, _ secret: Secret, from address: String = "192.0.2.1"
        ) async throws -> String? {
            let occasion = Visitor(world: world, address: address).occasion(after: .seconds(1))
            return try await answer {
                try await world.gatehouse.authenticateClient.authenticate(
                    .clientSecretBasic(clientID: client.id.text, secret: secret.revealed),
                    of: world.acme, through: world.issuer, on: occasion)
            }
        }

        @Test(arguments: Backend.available)
        func `is a client's authentication, and never the right one`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.limit(.authenticationClient, 3)
                let wrong = Secret(for: .clientSecret)
                for number in 1...6 {
                    #expect(
                        try await authenticate(world, world.web, wrong)
                            == (number <= 3 ? "invalid_client" : "limited"))
                }
                #expect(try await authenticate(world, world.web, world.webSecret) == nil)
                let elsewhere = try await authenticate(
                    world, world.web, wrong, from: "203.0.113.1")
                #expect(elsewhere == "invalid_client")
                #expect(try await authenticate(world, world.phone, wrong) == "invalid_client")
                #expect(try await world.count(.limitExceeded) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `are authentications from one network, whoever they claim to be`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.limit(.authenticationNetwork, 5)
                for number in 1...8 {
                    let stranger = try World.client("Stranger", .web)
                    #expect(
                        try await authenticate(world, stranger, Secret(for: .clientSecret))
                            == (number <= 5 ? "invalid_client" : "limited"))
                }
                #expect(try await authenticate(world, world.web, world.webSecret) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-074: are codes that nobody issued, for each client`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.limit(.grantClient, 3)
                try await world.limit(.grantNetwork, 3)
                for client in [world.web, world.phone] {
                    let code = try await world.code(for: client)
                    for number in 1...6 {
                        let found = try await answer {
                            try await world.redeem(Secret(for: .authorizationCode), by: client)
                        }
                        #expect(found == (number <= 3 ? "invalid_grant" : "limited"))
                    }
                    let token = try await answer {
                        try await world.refresh(Secret(for: .refreshToken), by: client)
                    }
                    #expect(token == "limited")
                    // Whoever makes an app send such codes does not keep it from working.
                    _ = try await world.redeem(code.secret, by: client)
                    // And a code that was spent is told as that.
                    let spent = try await answer { try await world.redeem(code.secret, by: client) }
                    #expect(spent == "invalid_grant")
                }
                #expect(try await world.count(.limitExceeded) == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-206: is counted exactly, however many come at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.limit(.grantClient, 10)
                let outcomes = await concurrently(64) { _ in
                    try await answer {
                        try await world.redeem(Secret(for: .authorizationCode), by: world.web)
                    }
                }
                let answers = try outcomes.map { try $0.get() }
                #expect(answers.count { $0 == "invalid_grant" } == 10)
                #expect(answers.count { $0 == "limited" } == 54)
                #expect(try await world.count(.limitExceeded) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `costs nothing where it succeeds`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                _ = try await authenticate(world, world.web, world.webSecret)
                _ = try await world.redeem(code.secret, by: world.web)
                let counters = try await world.database.read { transaction in
                    try transaction.row("SELECT count(*) AS n FROM attempt_counter")?.integer("n")
                }
                #expect(counters == 0)
            }
        }
    }

    @Suite struct `A tenant's limits` {
        @Test(arguments: Backend.available)
        func `are the standard ones, until they are set`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let limits = world.gatehouse.limits
                let standard = Limit.Name.allCases.map(\.standard)
                #expect(try await limits.list(of: world.acme.id) == standard)
                try await world.limit(.passwordName, 7, per: .minutes(5))
                let own = Limit(.passwordName, allowed: 7, per: .minutes(5))
                #expect(try await limits.list(of: world.acme.id).contains(own))
                #expect(
                    try await limits.list(of: world.umbra.id) == Limit.Name.allCases.map(\.standard)
                )
                try await limits.reset(.passwordName, of: world.acme.id, on: World.occasion())
                #expect(try await limits.list(of: world.acme.id) == standard)
                #expect(try await world.count(.limitChanged) == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `hold for the next attempt, wider or narrower`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let visitor = Visitor(world: world)
                for _ in 1...8 { _ = try await visitor.attempt("kay") }
                #expect(try await visitor.answer("kay") == .limited)
                try await world.limit(.passwordNameNetwork, 9)
                #expect(try await visitor.answer("kay") == .refused)
                #expect(try await visitor.answer("kay") == .limited)
                try await world.limit(.passwordNameNetwork, 100, per: .minutes(1))
                try await world.limit(.passwordName, 3)
                #expect(try await visitor.answer("kay") == .limited)
            }
        }

        @Test(arguments: Backend.available)
        func `do not wait for a window that a wrong clock has made`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let visitor = Visitor(world: world)
                for _ in 1...8 { _ = try await visitor.attempt("kay", after: .days(30)) }
                #expect(try await visitor.answer("kay", after: .days(30)) == .limited)
                for _ in 1...8 { #expect(try await visitor.answer("kay") == .refused) }
                #expect(try await visitor.answer("kay") == .limited)
            }
        }
    }

    @Suite struct `A network` {
        @Test(arguments: [
            ("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2::77", "2001:db8:1:2"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"), ("2001:db8::1", "2001:db8:0:0"),
            ("::1", "0:0:0:0"), ("::", "0:0:0:0"), ("1::", "1:0:0:0"),
            ("2001:db8:0:1::", "2001:db8:0:1"), ("1:2:3:4:5:6:7::", "1:2:3:4"),
            ("::2:3:4:5:6:7:8", "0:2:3:4"),
        ])
        func `is an IPv4 address, or half of an IPv6 one`(address: String, network: String) {
            #expect(Network(of: address).text == network)
        }

        @Test func `is one for all whose address is not known`() {
            #expect(Network(of: nil) == Network(of: nil))
        }
    }
}
