import GatehouseCore
import GatehouseSQL
import Testing

@Suite struct `The instance key` {
    private let key: InstanceKey
    private let other: InstanceKey

    init() throws {
        key = try #require(InstanceKey(World.key))
        other = try #require(InstanceKey([UInt8](repeating: 8, count: 32)))
    }

    private func opens(_ sealed: [UInt8], with key: InstanceKey, for use: String) -> Bool {
        do throws(InstanceKeyError) {
            _ = try key.open(sealed, for: use)
            return true
        } catch {
            return false
        }
    }

    @Test(arguments: [0, 1, 16, 31, 33, 64])
    func `has 32 bytes`(count: Int) {
        #expect(InstanceKey([UInt8](repeating: 7, count: count)) == nil)
    }

    @Test(arguments: [[], [0], Array(0...255)] as [[UInt8]])
    func `opens what it sealed`(bytes: [UInt8]) throws {
        let sealed = try key.seal(bytes, for: "use")
        #expect(try key.open(sealed, for: "use") == bytes)
        #expect(try key.seal(bytes, for: "use") != sealed)
        #expect(try #require(InstanceKey(World.key)).open(sealed, for: "use") == bytes)
    }

    @Test func `opens for the same use alone`() throws {
        let sealed = try key.seal([1, 2, 3], for: "signing-key/a/b")
        for use in ["", "signing-key/a", "signing-key/a/b ", "signing-key/b/a", "Signing-key/a/b"] {
            #expect(!opens(sealed, with: key, for: use))
        }
        #expect(!opens(sealed, with: other, for: "signing-key/a/b"))
    }

    @Test func `opens nothing that was changed`() throws {
        let sealed = try key.seal([1, 2, 3], for: "use")
        for index in sealed.indices {
            for bit in 0..<8 {
                var changed = sealed
                changed[index] ^= 1 << UInt8(bit)
                #expect(!opens(changed, with: key, for: "use"))
            }
            #expect(!opens(Array(sealed[..<index]), with: key, for: "use"))
        }
        #expect(!opens(sealed + [0], with: key, for: "use"))
    }

    @Test func `derives one successor of a token, in one tenant`() {
        let token = Secret(for: .refreshToken)
        let acme = Tenant.ID(at: World.start)
        let successor = key.successor(of: token, in: acme)
        #expect(successor.purpose == .refreshToken)
        #expect(successor.revealed == key.successor(of: token, in: acme).revealed)
        #expect(Secret(successor.revealed, for: .refreshToken)?.digest == successor.digest)
        let others = [
            key.successor(of: token, in: Tenant.ID(at: World.start)), token,
            other.successor(of: token, in: acme), key.successor(of: successor, in: acme),
            key.successor(of: Secret(for: .refreshToken), in: acme),
        ]
        #expect(!others.map(\.revealed).contains(successor.revealed))
    }
}

extension UseCases {
    @Suite struct `An instance` {
        @Test(arguments: Backend.available)
        func `opens again and again with its key, and with no other`(backend: Backend) async throws
        {
            try await backend.withDatabase { database in
                let key = try #require(InstanceKey(World.key))
                let other = try #require(InstanceKey([UInt8](repeating: 8, count: 32)))
                let first = try await Instance.open(database, key: key, at: World.start)
                #expect(first == Schema.migrations.map(\.name))
                #expect(try await Instance.open(database, key: key, at: World.start).isEmpty)
                await #expect(throws: Instance.Unusable.wrongKey) {
                    try await Instance.open(database, key: other, at: World.start)
                }
                #expect(try await Instance.open(database, key: key, at: World.start).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `has a tenant of its own that no address names`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let tenants = try await world.gatehouse.tenants.list()
                #expect(tenants.map(\.slug.text) == ["acme", "umbra"])
                let own = try await world.database.read { try $0.tenants.find(Tenant.instance) }
                let slug = try #require(own).slug.text
                #expect(Slug(parsing: slug) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `remembers where it is served`(backend: Backend) async throws {
            try await backend.withWorld { world in
                #expect(try await Instance.baseURL(world.database) == nil)
                for url in ["https://a.test", "https://b.test", "https://b.test"] {
                    try await Instance.remember(baseURL: url, in: world.database)
                    #expect(try await Instance.baseURL(world.database) == url)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `is opened by many nodes at once`(backend: Backend) async throws {
            try await backend.withDatabase { database in
                let key = try #require(InstanceKey(World.key))
                let outcomes = await concurrently(8) { _ in
                    try await Instance.open(database, key: key, at: World.start)
                }
                let migrations = try outcomes.flatMap { try $0.get() }
                #expect(migrations == Schema.migrations.map(\.name))
            }
        }
    }
}
