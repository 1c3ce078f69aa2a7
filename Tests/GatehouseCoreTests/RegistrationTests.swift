import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `A client that nobody registered` {
        private static let address = "https://agent.test/client.json"

        /// A tenant that lets everybody in.
        private func open(_ world: World) async throws -> Tenant {
            let policy = try await world.gatehouse.registration.change(
                world.acme.slug, on: World.occasion()
            ) { $0 = .mcp }
            var tenant = world.acme
            tenant.registrationPolicy = try #require(policy)
            return tenant
        }

        private func register(
            _ world: World, at tenant: Tenant, after delay: Lifetime = .seconds(0)
        ) async throws -> Client.ID {
            let information = try await world.gatehouse.registerClient.register(
                ["redirect_uris": ["http://127.0.0.1/cb"]], presenting: nil, at: tenant,
                through: world.issuer, on: World.occasion(after: delay))
            return try #require(
                information.jsonObject["client_id"]?.string.flatMap(Client.ID.init(parsing:)))
        }

        private func begin(
            _ world: World, at tenant: Tenant, after delay: Lifetime
        ) async throws -> Authorize.Outcome {
            try await world.gatehouse.authorize.begin(
                FormParameters([
                    ("response_type", "code"), ("client_id", Self.address),
                    ("redirect_uri", "http://127.0.0.1:1/cb"), ("code_challenge", World.challenge),
                    ("code_challenge_method", "S256"), ("prompt", "none"),
                ]), at: tenant, through: world.issuer, from: Browser(secret: nil, session: nil),
                on: World.occasion(after: delay))
        }

        private func publish(_ world: World) {
            world.elsewhere.answer(
                JSONObject([
                    ("client_id", .string(Self.address)),
                    ("redirect_uris", ["http://127.0.0.1/cb"]),
                ]).serialized())
        }

        /// Whether a request in the client's name gets an answer that goes to the client.
        private func isKnown(
            _ world: World, at tenant: Tenant, after delay: Lifetime = .seconds(1)
        ) async throws -> Bool {
            let outcome = try await begin(world, at: tenant, after: delay)
            return if case .answered = outcome { true } else { false }
        }

        @Test(arguments: Backend.available)
        func `is removed if nobody uses it, and stays if somebody does`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let tenant = try await open(world)
                let unused = try await register(world, at: tenant)
                let used = try await register(world, at: tenant)
                let client = try #require(
                    try await world.gatehouse.clients.find(used, in: tenant.id))
                _ = try await world.grant(to: client)
                let job = RemoveExpired(database: world.database, holder: "a")
                while try await job.run(at: World.start + .minutes(1)) {}
                while try await job.run(at: World.start + .days(31)) {}
                let clients = try await world.gatehouse.clients.list(in: tenant.id)
                #expect(clients.contains { $0.id == used })
                #expect(!clients.contains { $0.id == unused })
                #expect(clients.contains { $0.id == world.web.id })
                #expect(try await world.count(.clientDeleted) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is asked for once while its document is fresh`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let tenant = try await open(world)
                publish(world)
                for delay in [1, 59, 3_500] {
                    #expect(try await isKnown(world, at: tenant, after: .seconds(Int64(delay))))
                }
                #expect(world.elsewhere.asked == [Self.address])
                #expect(try await isKnown(world, at: tenant, after: .seconds(3_602)))
                #expect(world.elsewhere.asked.count == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-346: is asked for again after a pause where there was nothing`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let tenant = try await open(world)
                world.elsewhere.fail(.unreachable)
                for delay in [1, 2, 60] {
                    #expect(try await !isKnown(world, at: tenant, after: .seconds(Int64(delay))))
                }
                #expect(world.elsewhere.asked.count == 1)
                publish(world)
                #expect(try await isKnown(world, at: tenant, after: .seconds(61)))
            }
        }

        @Test(arguments: Backend.available)
        func `is used for a while when its host is away, and then no more`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let tenant = try await open(world)
                publish(world)
                #expect(try await isKnown(world, at: tenant))
                world.elsewhere.fail(.unreachable)
                #expect(try await isKnown(world, at: tenant, after: .minutes(61)))
                #expect(try await isKnown(world, at: tenant, after: .minutes(119)))
                #expect(try await !isKnown(world, at: tenant, after: .minutes(122)))
            }
        }

        @Test(arguments: Backend.available)
        func `is none at a tenant that takes no documents`(backend: Backend) async throws {
            try await backend.withWorld { world in
                publish(world)
                #expect(try await !isKnown(world, at: world.acme))
                #expect(world.elsewhere.asked.isEmpty)
                let tenant = try await open(world)
                #expect(try await isKnown(world, at: tenant))
                // A tenant that changed its mind lets nobody act whom it let in before.
                #expect(try await !isKnown(world, at: world.acme))
            }
        }
    }
}
