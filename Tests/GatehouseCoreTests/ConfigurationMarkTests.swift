import GatehouseCore
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `How much clients are used` {
        private func usage(
            _ world: World, _ client: Client, days: Int64, after delay: Lifetime,
            in tenant: Tenant? = nil
        ) async throws -> ClientUsage {
            try await world.gatehouse.usage.flush(to: world.database)
            return try await world.gatehouse.clients.usage(
                of: client.id, in: (tenant ?? world.acme).id, days: days,
                at: World.start + delay)
        }

        private func record(
            _ kind: ClientUse.Kind, _ target: String = "", by client: Client,
            after delay: Lifetime = .seconds(0), in world: World
        ) {
            world.gatehouse.usage.record(
                [ClientUse(kind, by: client.id, target: target, at: World.start + delay)],
                of: world.acme.id)
        }

        @Test(arguments: Backend.available)
        func `adds up by day, client and target`(backend: Backend) async throws {
            try await backend.withWorld { world in
                for _ in 0..<3 { record(.signIn, World.callback, by: world.web, in: world) }
                record(.signIn, by: world.web, in: world)
                record(.scope, "openid", by: world.web, in: world)
                record(.refresh, by: world.phone, in: world)
                _ = try await usage(world, world.web, days: 0, after: .seconds(0))
                // Written before, and added to.
                record(.signIn, World.callback, by: world.web, in: world)
                record(.signIn, World.callback, by: world.web, after: .days(3), in: world)
                record(.token, by: world.web, after: .days(3), in: world)
                let all = try await usage(world, world.web, days: 7, after: .days(3))
                #expect((all.signIns, all.tokens, all.refreshes) == (6, 1, 0))
                #expect(all.redirectURIs.map(\.text) == [World.callback])
                #expect(all.redirectURIs.map(\.count) == [5])
                #expect(all.scopes.map(\.text) == ["openid"])
                // Before the table there was nothing that counted.
                #expect(all.since == World.start)
                let today = try await usage(world, world.web, days: 0, after: .days(3))
                #expect((today.signIns, today.tokens) == (1, 1))
                #expect(today.since == Day(of: World.start + .days(3)).start)
                let other = try await usage(world, world.phone, days: 7, after: .days(3))
                #expect((other.signIns, other.refreshes) == (0, 1))
                let neighbour = try await usage(
                    world, world.web, days: 7, after: .days(3), in: world.umbra)
                #expect(neighbour.signIns == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is forgotten after ninety days`(backend: Backend) async throws {
            try await backend.withWorld { world in
                record(.signIn, World.callback, by: world.web, in: world)
                _ = try await usage(world, world.web, days: 0, after: .seconds(0))
                for (days, left) in [(Int64(89), Int64(1)), (90, 1), (92, 0)] {
                    let job = RemoveExpired(database: world.database, holder: "a")
                    while try await job.run(at: World.start + .days(days)) {}
                    let usage = try await usage(world, world.web, days: days, after: .days(days))
                    #expect(usage.signIns == left, "\(days)")
                }
            }
        }

        @Test func `knows days before 1970 too`() {
            #expect(Day(of: Timestamp(seconds: 0)).number == 0)
            #expect(Day(of: Timestamp(seconds: 86_399)).number == 0)
            #expect(Day(of: Timestamp(seconds: -1)).number == -1)
            #expect(Day(of: Timestamp(seconds: -86_400)).number == -1)
        }
    }

    @Suite struct `What a configuration manages` {
        private func mark(
            _ client: Client, by manager: Slug = "infra", as name: String = "shop"
        ) throws -> ConfigurationMark {
            ConfigurationMark(
                .client, client.id.text, by: manager,
                as: try #require(ConfigurationMark.Name(parsing: name)))
        }

        @Test(arguments: Backend.available)
        func `has one manager and one name, each of which names one thing`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (marks, tenant) = (world.gatehouse.configurationMarks, world.acme.id)
                let occasion = World.occasion()
                for wanted in [
                    try mark(world.web), try mark(world.web, by: "others"),
                    try mark(world.phone, by: "others", as: "phone"),
                ] {
                    #expect(try await marks.set(wanted, in: tenant, on: occasion))
                }
                #expect(
                    try await Set(marks.list(in: tenant)) == [
                        try mark(world.web, by: "others"),
                        try mark(world.phone, by: "others", as: "phone"),
                    ])
                // The name goes over to the other thing.
                let moved = try mark(world.phone, by: "others", as: "shop")
                #expect(try await marks.set(moved, in: tenant, on: occasion))
                #expect(try await marks.list(in: tenant) == [moved])
                let id = world.phone.id.text
                #expect(try await marks.remove(.client, id, in: tenant, on: occasion))
                #expect(try await !marks.remove(.client, id, in: tenant, on: occasion))
                #expect(try await world.count(.configurationMarked) == 4)
                #expect(try await world.count(.configurationUnmarked) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is there, and is the tenant's own`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (marks, occasion) = (world.gatehouse.configurationMarks, World.occasion())
                let own = try mark(world.web)
                #expect(try await !marks.set(own, in: world.umbra.id, on: occasion))
                for kind in ConfigurationMark.Kind.allCases where kind != .client {
                    let wrong = ConfigurationMark(kind, own.object, by: own.manager, as: own.name)
                    #expect(try await !marks.set(wrong, in: world.acme.id, on: occasion))
                }
                #expect(try await marks.set(own, in: world.acme.id, on: occasion))
                #expect(try await marks.list(in: world.umbra.id).isEmpty)
                #expect(
                    try await !marks.remove(.client, own.object, in: world.umbra.id, on: occasion))
                #expect(try await marks.list(in: world.acme.id) == [own])
            }
        }
    }
}
