import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `A client of an organization` {
        /// A machine that belongs to an organization, or to none.
        private func machine(
            of organization: Organization?, in world: World
        ) async throws -> Client {
            var client = try World.client("Sync", .machine)
            client.redirectURIs = []
            client.postLogoutRedirectURIs = []
            client.policies.organizations.owner = organization?.id
            _ = try await world.gatehouse.clients.create(
                client, in: world.acme.id, on: World.occasion())
            return client
        }

        /// Why nothing is done for a client; nil if it may act.
        private func obstacle(of id: Client.ID, in world: World) async throws -> Standing.Obstacle?
        {
            let now = World.occasion().now
            let registered = try await world.gatehouse.registry.client(
                id, of: world.acme.id, at: now)
            var standing = Standing(tenant: world.acme)
            standing.client = .involved(registered?.client)
            return standing.obstacle(at: now)
        }

        @Test(arguments: Backend.available)
        func `GH-509: acts while people act in the organization`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let client = try await machine(of: organization, in: world)
                let (organizations, acme) = (world.gatehouse.organizations, world.acme.id)
                let suspension = try #require(
                    Suspension(reason: nil, actor: nil, at: World.start))
                #expect(try await obstacle(of: client.id, in: world) == nil)
                _ = try await organizations.suspend(
                    organization.id, as: suspension, in: acme, on: World.occasion())
                #expect(try await obstacle(of: client.id, in: world) == .ownerAway)
                _ = try await organizations.activate(
                    organization.id, in: acme, on: World.occasion())
                #expect(try await obstacle(of: client.id, in: world) == nil)
                _ = try await organizations.delete(
                    organization.id, after: .days(1), in: acme, on: World.occasion())
                #expect(try await obstacle(of: client.id, in: world) == .ownerAway)
                // Removed for good it does not come back by itself.
                try await world.removeExpired(after: .days(2))
                #expect(try await obstacle(of: client.id, in: world) == .ownerAway)
                _ = try await world.gatehouse.clients.update(
                    client.id, in: acme, on: World.occasion()
                ) { $0.policies.organizations.owner = nil }
                #expect(try await obstacle(of: client.id, in: world) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `is known as one after the schema is brought up`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                _ = try await world.organization("umbrella")
                let client = try await machine(of: organization, in: world)
                _ = try await machine(of: nil, in: world)
                let owned = try await world.database.write { transaction in
                    // Every tenant: what the migration finds in this world.
                    try transaction.execute("UPDATE client SET organization_id = NULL")
                    try transaction.execute(Schema.clientOwners[1])
                    return try transaction.records(of: world.acme.id).clients
                        .all(ownedBy: organization.id)
                }
                #expect(owned == [client.id])
            }
        }
    }
}
