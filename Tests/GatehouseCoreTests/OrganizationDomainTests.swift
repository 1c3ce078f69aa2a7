import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

@Suite struct `What the domain of an address decides` {
    private static let organization = Organization.ID(at: World.start)

    private static func standing(
        joins: Bool, isRequired: Bool, isActive: Bool, isVerified: Bool,
        _ member: DomainStanding.Member
    ) -> DomainStanding {
        var rules = OrganizationDomain.Rules()
        rules.joins = joins
        rules.isRequired = isRequired
        return DomainStanding(
            domain: OrganizationDomain(
                claiming: HostName(stored: "initech.test"), for: organization, by: rules,
                at: World.start),
            organizationIsActive: isActive, sessionLength: .hours(8), member: member,
            addressIsVerified: isVerified)
    }

    @Test(arguments: DomainStanding.Member.allCases)
    func `follows from what is known, in every combination`(member: DomainStanding.Member) {
        for number in 0..<16 {
            let (joins, isRequired) = (number & 1 != 0, number & 2 != 0)
            let (isActive, isVerified) = (number & 4 != 0, number & 8 != 0)
            let standing = Self.standing(
                joins: joins, isRequired: isRequired, isActive: isActive, isVerified: isVerified,
                member)
            let becomesMember = joins && isActive && isVerified && member == .never
            #expect(standing.joins == becomesMember)
            let expected: DomainAdmission =
                if !isRequired {
                    .free
                } else if isActive, member == .active {
                    .through(Self.organization, for: .hours(8))
                } else {
                    .barred(Self.organization, for: .hours(8))
                }
            #expect(standing.admission == expected)
        }
    }
}

extension UseCases {
    /// The domains that organizations speak for.
    @Suite("The domains of organizations")
    struct OrganizationDomainTests {
        private static let host = HostName(stored: "initech.test")

        private func claim(
            _ world: World, _ organization: Organization
        ) async throws -> OrganizationDomain {
            let change = try await world.gatehouse.organizationDomains.add(
                Self.host, to: organization.id, of: world.acme.id, by: .init(),
                on: World.occasion())
            guard case .changed(let domain) = change else { throw Surprise() }
            return domain
        }

        private func verify(
            _ world: World, _ organization: Organization
        ) async throws -> DomainVerification {
            try await world.gatehouse.organizationDomains.verify(
                Self.host, of: organization.id, in: world.acme.id, on: World.occasion())
        }

        @Test(arguments: Backend.available)
        func `One organization at a time has a domain, however many prove it at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let two = [
                    try await world.organization("one"), try await world.organization("two"),
                ]
                let proofs = [
                    try await claim(world, two[0]).claim.proof,
                    try await claim(world, two[1]).claim.proof,
                ]
                #expect(proofs[0] != proofs[1])
                world.nameServers.answer(.records(proofs))
                let outcomes = await concurrently(8) { number in
                    try await verify(world, two[number % 2])
                }
                var winners: Set<Int> = []
                for (number, outcome) in outcomes.enumerated() {
                    if case .verified = try outcome.get() { winners.insert(number % 2) }
                }
                #expect(winners.count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `A domain whose record stays away is given up, and not before`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization("one")
                let proof = try await claim(world, organization).claim.proof
                world.nameServers.answer(.records([proof]))
                _ = try await verify(world, organization)
                let recheck = world.gatehouse.recheckDomains(as: "node")
                let domains = {
                    try await world.gatehouse.organizationDomains.list(
                        of: organization.id, in: world.acme.id)
                }
                world.nameServers.answer(.unavailable)
                try await recheck.run(on: World.occasion(after: .days(29)))
                world.nameServers.answer(.records([]))
                try await recheck.run(on: World.occasion(after: .days(31)))
                try await recheck.run(on: World.occasion(after: .days(37)))
                #expect(try await domains().first?.claim.missingSince == World.start + .days(31))
                try await recheck.run(on: World.occasion(after: .days(39)))
                #expect(try await domains().isEmpty)
                let events = try await world.database.read {
                    try $0.records(of: world.acme.id).events.latest(10).map(\.kind)
                }
                #expect(events.contains("organization.domain_lapsed"))
            }
        }
    }
}
