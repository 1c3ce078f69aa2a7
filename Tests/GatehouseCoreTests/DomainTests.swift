import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    /// The domains that tenants bring: claimed, proved, looked at again, given up.
    @Suite("The domains of tenants")
    struct DomainTests {
        private static let host = HostName(stored: "login.acme.test")
        private static let dayTwo = World.start + .hours(25)

        private static func occasion(_ now: Timestamp = World.start) -> Occasion {
            Occasion(now: now, requestID: "test", address: nil)
        }

        @Test(arguments: Backend.available)
        func `A tenant answers at a domain once its record is there`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (domains, registry) = (world.gatehouse.domains, world.gatehouse.registry)
                let claim = try #require(
                    try await domains.add(Self.host, to: world.acme.id, on: Self.occasion()))
                #expect(
                    try await domains.add(Self.host, to: world.acme.id, on: Self.occasion()) == nil)

                world.nameServers.answer(
                    .records(["v=spf1 -all", "gatehouse-domain-verification=x"]))
                guard case .missing(_, found: let found) = try await verify(world, world.acme)
                else {
                    Issue.record("verified by another record")
                    return
                }
                #expect(found.count == 2)
                #expect(try await registry.tenant(at: Self.host, at: World.start) == nil)

                world.nameServers.answer(.unavailable)
                guard case .unavailable = try await verify(world, world.acme) else {
                    Issue.record("verified without an answer")
                    return
                }

                world.nameServers.answer(.records(["v=spf1 -all", claim.proof]))
                guard case .verified = try await verify(world, world.acme) else {
                    Issue.record("not verified")
                    return
                }
                #expect(world.nameServers.asked.allSatisfy { $0 == "_gatehouse.login.acme.test" })
                let found2 = try await registry.tenant(at: Self.host, at: World.start)
                #expect(found2?.id == world.acme.id)
            }
        }

        @Test(arguments: Backend.available)
        func `One tenant at a time has a domain, however many prove it at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let domains = world.gatehouse.domains
                var proofs: [String] = []
                for tenant in [world.acme, world.umbra] {
                    let claim = try await domains.add(Self.host, to: tenant.id, on: Self.occasion())
                    proofs.append(try #require(claim).proof)
                }
                #expect(proofs[0] != proofs[1])
                world.nameServers.answer(.records(proofs))
                let outcomes = await concurrently(8) { number in
                    try await verify(world, [world.acme, world.umbra][number % 2])
                }
                var winners: Set<Bool> = []
                for (number, outcome) in outcomes.enumerated() {
                    if case .verified = try outcome.get() { winners.insert(number % 2 == 0) }
                }
                #expect(winners.count == 1)

                // Whoever gives it up leaves it to the other, who proves it again.
                let (winner, other) =
                    winners == [true] ? (world.acme, world.umbra) : (world.umbra, world.acme)
                let registry = world.gatehouse.registry
                #expect(try await registry.tenant(at: Self.host, at: World.start)?.id == winner.id)
                #expect(try await domains.remove(Self.host, from: winner.id, on: Self.occasion()))
                #expect(try await registry.tenant(at: Self.host, at: World.start) == nil)
                guard case .verified = try await verify(world, other) else {
                    Issue.record("the domain is not free")
                    return
                }
                #expect(try await registry.tenant(at: Self.host, at: World.start)?.id == other.id)
            }
        }

        @Test(arguments: Backend.available)
        func `A domain whose record stays away is given up, and not before`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let registry = world.gatehouse.registry
                let claim = try #require(
                    try await world.gatehouse.domains.add(
                        Self.host, to: world.acme.id, on: Self.occasion()))
                world.nameServers.answer(.records([claim.proof]))
                _ = try await verify(world, world.acme)
                _ = try await world.gatehouse.tenants.update(
                    world.acme.slug, on: Self.occasion()
                ) { $0.primaryHost = Self.host }

                let recheck = world.gatehouse.recheckDomains(as: "node")
                world.nameServers.answer(.unavailable)
                try await recheck.run(on: Self.occasion(World.start + .days(29)))
                #expect(try await registry.tenant(at: Self.host, at: World.start) != nil)

                let start = World.start + .days(31)
                world.nameServers.answer(.records([]))
                try await recheck.run(on: Self.occasion(start))
                try await recheck.run(on: Self.occasion(start + .days(6)))
                #expect(try await registry.tenant(at: Self.host, at: start) != nil)
                // Back for a day: the time begins anew.
                world.nameServers.answer(.records([claim.proof]))
                try await recheck.run(on: Self.occasion(start + .days(8)))
                world.nameServers.answer(.records([]))
                try await recheck.run(on: Self.occasion(start + .days(10)))
                #expect(try await registry.tenant(at: Self.host, at: start) != nil)
                try await recheck.run(on: Self.occasion(start + .days(18)))
                #expect(try await registry.tenant(at: Self.host, at: start) == nil)

                let acme = try await registry.tenant(world.acme.slug, at: start)
                #expect(acme?.primaryHost == nil)
                let events = try await world.database.read {
                    try $0.records(of: world.acme.id).events.latest(10).map(\.kind)
                }
                #expect(events.contains("tenant.domain_lapsed"))
            }
        }

        @Test(arguments: Backend.available)
        func `A domain that was looked at today is not looked at again`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let claim = try #require(
                    try await world.gatehouse.domains.add(
                        Self.host, to: world.acme.id, on: Self.occasion()))
                world.nameServers.answer(.records([claim.proof]))
                _ = try await verify(world, world.acme)
                let recheck = world.gatehouse.recheckDomains(as: "node")
                try await recheck.run(on: Self.occasion(World.start + .hours(23)))
                #expect(world.nameServers.asked.count == 1)
                try await recheck.run(on: Self.occasion(Self.dayTwo))
                try await recheck.run(on: Self.occasion(Self.dayTwo))
                #expect(world.nameServers.asked.count == 2)
            }
        }

        private func verify(
            _ world: World, _ tenant: Tenant
        ) async throws -> DomainVerification {
            try await world.gatehouse.domains.verify(Self.host, of: tenant.id, on: Self.occasion())
        }
    }
}
