import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Synchronization
import Testing

/// A database that can be taken away and given back.
private final class SwitchedDatabase: Database {
    private let sound: any Database
    private let isAway = Mutex(false)
    private let countedReads = Mutex(0)

    init(_ sound: any Database) {
        self.sound = sound
    }

    var dialect: Dialect { sound.dialect }

    var waitingRoom: WaitingRoom { sound.waitingRoom }

    /// How often something was read.
    var reads: Int { countedReads.withLock { $0 } }

    func set(away: Bool) {
        isAway.withLock { $0 = away }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try check()
        countedReads.withLock { $0 += 1 }
        return try await sound.read(body)
    }

    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try check()
        countedReads.withLock { $0 += 1 }
        return try await sound.ask(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try check()
        return try await sound.write(body)
    }

    func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {
        sound.onAnnouncedChange(action)
    }

    func condition() async throws -> DatabaseCondition { try await sound.condition() }

    func close() async {
        await sound.close()
    }

    private func check() throws {
        if isAway.withLock({ $0 }) { throw DatabaseError.unavailable("It was taken away.") }
    }
}

extension UseCases {
    @Suite struct `The registry` {
        private static let now = World.start + .seconds(1)

        /// Another node on the same database.
        private func node(_ world: World, _ database: (any Database)? = nil) throws -> Gatehouse {
            Gatehouse(
                database: database ?? world.database,
                instanceKey: try #require(InstanceKey(World.key)), hasher: world.gatehouse.hasher,
                outbound: world.elsewhere,
                textRecords: world.nameServers)
        }

        private func isKnown(
            _ client: Client, at node: Gatehouse, _ world: World, _ moment: Timestamp
        ) async throws -> Bool {
            try await node.registry.client(client.id, of: world.acme.id, at: moment)?
                .client.disabledAt == nil
        }

        private func disable(_ client: Client, _ world: World) async throws {
            _ = try await world.gatehouse.clients.update(
                client.id, in: world.acme.id, on: World.occasion(after: .seconds(1))
            ) { $0.disabledAt = Self.now }
        }

        @Test(arguments: Backend.available)
        func `reads nothing again that is known and confirmed`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let database = SwitchedDatabase(world.database)
                let registry = try node(world, database).registry
                for _ in 0..<3 {
                    _ = try await registry.tenant(world.acme.slug, at: Self.now)
                    _ = try await registry.client(world.web.id, of: world.acme.id, at: Self.now)
                    _ = try await registry.keys(of: world.acme.id, at: Self.now)
                }
                // One to confirm, and one for each of the three.
                #expect(database.reads == 4)
            }
        }

        @Test(arguments: Backend.available)
        func `knows at once what was changed here`(backend: Backend) async throws {
            try await backend.withWorld { world in
                #expect(try await isKnown(world.web, at: world.gatehouse, world, Self.now))
                try await disable(world.web, world)
                #expect(try await !isKnown(world.web, at: world.gatehouse, world, Self.now))
            }
        }

        @Test(arguments: Backend.available)
        func `knows within a second what another node changed`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let other = try node(world)
                #expect(try await isKnown(world.web, at: other, world, Self.now))
                try await disable(world.web, world)
                #expect(try await !isKnown(world.web, at: other, world, Self.now + .seconds(1)))
            }
        }

        @Test(arguments: Backend.available)
        func `knows what another node changed once it asks`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let other = try node(world)
                #expect(try await isKnown(world.web, at: other, world, Self.now))
                try await disable(world.web, world)
                try await other.registry.confirm(at: Self.now)
                #expect(try await !isKnown(world.web, at: other, world, Self.now))
                // What was not changed is still there.
                #expect(try await isKnown(world.phone, at: other, world, Self.now))
            }
        }

        @Test(arguments: Backend.available)
        func `forgets a tenant and a secret that another node removed`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let other = try node(world)
                let slug = world.acme.slug
                #expect(try await other.registry.tenant(slug, at: Self.now) != nil)
                let before = try await other.registry.client(
                    world.web.id, of: world.acme.id, at: Self.now)
                let id = try #require(before?.secret(world.webSecret))
                let occasion = World.occasion(after: .seconds(1))
                #expect(
                    try await world.gatehouse.clients.removeSecret(
                        id, of: world.web.id, in: world.acme.id, on: occasion))
                let after = try await other.registry.client(
                    world.web.id, of: world.acme.id, at: Self.now + .seconds(1))
                #expect(after?.secret(world.webSecret) == nil)
                #expect(try await world.gatehouse.tenants.delete(slug, on: occasion))
                #expect(
                    try await other.registry.tenant(slug, at: Self.now + .seconds(2)) == nil)
            }
        }

        @Test func `believes nothing for longer than a second without the database`()
            async throws
        {
            try await Backend.sqlite.withWorld { world in
                let database = SwitchedDatabase(world.database)
                let other = try node(world, database)
                #expect(try await isKnown(world.web, at: other, world, Self.now))
                database.set(away: true)
                #expect(
                    try await isKnown(
                        world.web, at: other, world,
                        Timestamp(
                            milliseconds: Self.now.milliseconds + 999)))
                await #expect(throws: DatabaseError.self) {
                    try await isKnown(world.web, at: other, world, Self.now + .seconds(1))
                }
                database.set(away: false)
                #expect(try await isKnown(world.web, at: other, world, Self.now + .seconds(2)))
            }
        }

        @Test func `publishes keys for as long as verifiers may keep them`() async throws {
            try await Backend.sqlite.withWorld { world in
                let database = SwitchedDatabase(world.database)
                let registry = try node(world, database).registry
                let known = try await registry.publishedKeys(of: world.acme.id, at: Self.now)
                _ = try await registry.publishedTenant(world.acme.slug, at: Self.now)
                database.set(away: true)
                let last = Self.now + TenantKey.cacheLifetime - .seconds(1)
                let served = try await registry.publishedKeys(of: world.acme.id, at: last)
                #expect(served.document == known.document)
                #expect(try await registry.publishedTenant(world.acme.slug, at: last) != nil)
                let after = Self.now + TenantKey.cacheLifetime
                await #expect(throws: DatabaseError.self) {
                    try await registry.publishedKeys(of: world.acme.id, at: after)
                }
            }
        }

        @Test(arguments: [Int64(-3_600), 3_600])
        func `asks again when the clock was set`(seconds: Int64) async throws {
            try await Backend.sqlite.withWorld { world in
                let other = try node(world)
                #expect(try await isKnown(world.web, at: other, world, Self.now))
                try await disable(world.web, world)
                let moment = Timestamp(milliseconds: Self.now.milliseconds + seconds * 1_000)
                #expect(try await !isKnown(world.web, at: other, world, moment))
            }
        }

        @Test(arguments: Backend.available)
        func `takes no key that the instance did not seal`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let keys = try await world.gatehouse.keys.list(of: world.acme.id)
                let foreign = try await world.gatehouse.keys.rotate(
                    .es256, of: world.umbra.id, start: .atOnce, on: World.occasion())
                let own = try #require(keys.first)
                try await world.database.write { [acme = world.acme] transaction in
                    _ = try transaction.execute(
                        """
                        UPDATE signing_key SET public_key = \(foreign.publicKey)
                        WHERE tenant_id = \(acme.id) AND id = \(own.id)
                        """)
                }
                let registry = try node(world).registry
                await #expect(throws: (any Error).self) {
                    try await registry.keys(of: world.acme.id, at: Self.now)
                }
            }
        }

        @Test(.enabled(if: Backend.available.contains(.postgres), "needs GATEHOUSE_TEST_POSTGRES"))
        func `hears of a change of another node`() async throws {
            try await Backend.postgres.withWorld { world in
                let (announcements, continuation) = AsyncStream.makeStream(of: Void.self)
                world.database.onAnnouncedChange { continuation.yield() }
                var iterator = announcements.makeAsyncIterator()
                // The first comes when it begins to listen.
                _ = await iterator.next()
                try await disable(world.web, world)
                _ = await iterator.next()
            }
        }
    }
}
