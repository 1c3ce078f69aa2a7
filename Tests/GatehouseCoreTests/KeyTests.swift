import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `Signing keys` {
        /// What signs at that moment: the name of the key.
        private func signing(_ world: World, after delay: Lifetime) async throws -> String? {
            let now = World.start + delay
            let keys = try await world.gatehouse.registry.keys(of: world.acme.id, at: now)
            return try keys.accessTokenSigner(.es256, at: now).key.publicKey.keyID
        }

        private func published(_ world: World, after delay: Lifetime) async throws -> [String?] {
            let now = World.start + delay
            return try await world.gatehouse.registry.keys(of: world.acme.id, at: now)
                .published.keys.map(\.keyID)
        }

        private func rotate(
            _ world: World, start: ManageKeys.Start, after delay: Lifetime = .seconds(0)
        ) async throws -> TenantKey {
            try await world.gatehouse.keys.rotate(
                .es256, of: world.acme.id, start: start, on: World.occasion(after: delay))
        }

        @Test(arguments: Backend.available)
        func `GH-478: are published before they sign, and after`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let old = try await signing(world, after: .seconds(0))
                let next = try await rotate(world, start: .afterLeadTime, after: .seconds(10))
                let lead = TenantKey.leadTime.seconds + 10
                #expect(try await published(world, after: .seconds(10)) == [old, next.id])
                #expect(try await signing(world, after: .seconds(10)) == old)
                #expect(try await signing(world, after: .seconds(lead - 1)) == old)
                #expect(try await signing(world, after: .seconds(lead)) == next.id)
                #expect(try await published(world, after: .seconds(lead)) == [old, next.id])
                let end = lead + TenantKey.retirement.seconds
                #expect(try await published(world, after: .seconds(end - 1)) == [old, next.id])
                #expect(try await published(world, after: .seconds(end)) == [next.id])
            }
        }

        @Test func `have a state at every moment`() async throws {
            try await Backend.sqlite.withWorld { world in
                let delay = TenantKey.leadTime
                _ = try await rotate(world, start: .afterLeadTime)
                let keys = try await world.gatehouse.keys.list(of: world.acme.id)
                let old = try #require(keys.first)
                let next = try #require(keys.last)
                let end = World.start + delay + TenantKey.retirement
                for (moment, states) in [
                    (World.start, [TenantKey.State.active, .next]),
                    (World.start + delay - .seconds(1), [.active, .next]),
                    (World.start + delay, [.retiring, .active]),
                    (end - .seconds(1), [.retiring, .active]), (end, [.removed, .active]),
                ] {
                    #expect([old, next].map { $0.state(at: moment) } == states)
                }
                #expect(TenantKey.leadTime > TenantKey.cacheLifetime)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-478: verify what they signed until they are removed`(backend: Backend) async throws
        {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web)
                let token = try await world.redeem(code.secret, by: world.web).accessToken
                _ = try await rotate(world, start: .atOnce, after: .seconds(2))
                let verifier = world.gatehouse.accessTokenVerifier
                let now = World.start + .seconds(3)
                let verified = try await verifier.verify(token, of: world.acme, at: now)
                #expect(verified.clientID == world.web.id)
                let keys = try await world.gatehouse.keys.list(of: world.acme.id)
                let deleted = try await world.gatehouse.keys.delete(
                    try #require(keys.first).id, of: world.acme.id,
                    on: World.occasion(after: .seconds(4)))
                #expect(deleted)
                let code2 = try await refusal {
                    try await verifier.verify(token, of: world.acme, at: World.start + .seconds(4))
                }
                #expect(code2 == .invalidToken)
            }
        }

        @Test(arguments: Backend.available)
        func `get a successor at once when the one that signs is deleted`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let old = try #require(try await signing(world, after: .seconds(0)))
                let occasion = World.occasion(after: .seconds(1))
                #expect(
                    try await world.gatehouse.keys.delete(old, of: world.acme.id, on: occasion))
                let new = try await signing(world, after: .seconds(1))
                #expect(new != nil && new != old)
                #expect(try await published(world, after: .seconds(1)) == [new])
                #expect(
                    try await !world.gatehouse.keys.delete(old, of: world.acme.id, on: occasion))
                #expect(try await world.count(.keyDeleted) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `still sign after the next one is deleted before its time`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let next = try await rotate(world, start: .afterLeadTime)
                let occasion = World.occasion(after: .seconds(1))
                #expect(
                    try await world.gatehouse.keys.delete(next.id, of: world.acme.id, on: occasion))
                let later = TenantKey.leadTime.seconds + 1
                let signing = await Result { try await self.signing(world, after: .seconds(later)) }
                #expect(throws: Never.self) { try signing.get() }
            }
        }

        @Test(arguments: Backend.available)
        func `sign in every order of rotations`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let steps: [(ManageKeys.Start, Int64)] = [
                    (.afterLeadTime, 0), (.afterLeadTime, 10), (.atOnce, 20), (.afterLeadTime, 30),
                    (.atOnce, 700), (.atOnce, 700),
                ]
                for (start, second) in steps {
                    _ = try await rotate(world, start: start, after: .seconds(second))
                }
                for second in stride(from: Int64(700), to: 2_000, by: 50) {
                    let name = try await signing(world, after: .seconds(second))
                    let set = try await published(world, after: .seconds(second))
                    #expect(set.contains(name))
                }
            }
        }

        @Test(arguments: Backend.available)
        func `are sealed for one tenant, with one key`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let other = try #require(InstanceKey([UInt8](repeating: 8, count: 32)))
                let ring = Registry(database: world.database, instanceKey: other)
                await #expect(throws: InstanceKeyError.self) {
                    try await ring.keys(of: world.acme.id, at: World.start)
                }
                let stolen = try #require(
                    try await world.gatehouse.keys.list(of: world.acme.id).first)
                try await world.database.write {
                    try $0.records(of: world.umbra.id).signingKeys.insert(stolen)
                }
                await #expect(throws: InstanceKeyError.self) {
                    try await world.gatehouse.registry.keys(of: world.umbra.id, at: World.start)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-482: are published without their private halves`(backend: Backend) async throws {
            try await backend.withWorld { world in
                for algorithm in [Algorithm.rs256, .edDSA] {
                    try await world.gatehouse.keys.ensure(
                        algorithm, of: world.acme.id, on: World.occasion())
                }
                let keys = try await world.gatehouse.registry.keys(
                    of: world.acme.id, at: World.start)
                let set = try JSONWebKeySet(parsing: keys.document, privateKeys: .refused)
                #expect(set.keys.count == 3 && set.skippedCount == 0)
                #expect(keys.algorithms == [.rs256, .es256, .edDSA])
                #expect(throws: MissingSigningKey.self) {
                    try keys.idTokenSigner(.ps256, at: World.start)
                }
            }
        }
    }
}
