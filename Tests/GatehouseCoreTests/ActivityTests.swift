import GatehouseSQL
import Testing

@testable import GatehouseCore

@Suite struct `What happens at a tenant` {
    private func seal(_ world: World) async throws {
        let sealing = SealEvents(
            database: world.database, instanceKey: world.gatehouse.instanceKey)
        while try await sealing.run(by: nil, at: World.start + .hours(1)) {}
    }

    /// A person signs in to an app, and it gets its tokens.
    private func happen(_ world: World) async throws {
        let (kay, phone) = (world.kay.id, world.phone.id)
        try await world.records { records in
            let occasion = World.occasion()
            try records.events.append(
                Event(
                    .grantCreated, by: .user(kay), of: "grt_1", detail: [("client", phone.text)]),
                on: occasion)
            try records.events.append(
                Event(.codeRedeemed, by: .client(phone), of: "grt_1"), on: occasion)
        }
    }

    @Test(arguments: Backend.available)
    func `is counted once, when its events are sealed`(backend: Backend) async throws {
        try await backend.withWorld { world in
            try await happen(world)
            try await seal(world)
            try await seal(world)
            let activity = try await world.gatehouse.activity.ofTenant(
                world.acme.id, at: World.start + .hours(1))
            func happened(_ measure: Activity.Measure) -> Int64 {
                activity.hours.filter { $0.measure == measure }.reduce(0) { $0 + $1.happened }
            }
            #expect(happened(.granted) == 1 && happened(.redeemed) == 1)
            #expect(activity.daily == 1 && activity.users == 1 && activity.clients == 2)
            let clients = try await world.gatehouse.activity.ofClients(
                [world.phone.id, world.web.id], in: world.acme.id,
                since: World.start - .days(7))
            #expect(clients[world.phone.id]?.contains { $0.measure == .redeemed } == true)
            #expect(clients[world.web.id, default: []].isEmpty)
            // Of another tenant, nothing is told.
            let slug = try #require(Slug(parsing: "umbra"))
            let umbra = try #require(
                try await world.gatehouse.tenants.find(slug))
            let other = try await world.gatehouse.activity.ofTenant(
                umbra.id, at: World.start + .hours(1))
            #expect(other.hours.isEmpty && other.daily == 0)
        }
    }

    @Test(arguments: Backend.available)
    func `tells of people who are still there`(backend: Backend) async throws {
        try await backend.withWorld { world in
            try await happen(world)
            _ = try await world.gatehouse.users.delete(
                world.kay.id, in: world.acme.id, on: World.occasion(after: .seconds(5)))
            try await seal(world)
            let activity = try await world.gatehouse.activity.ofTenant(
                world.acme.id, at: World.start + .hours(1))
            #expect(activity.daily == 0)
        }
    }
}
