import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import GatehouseScopes
import Testing

extension UseCases {
    @Suite struct `A group` {
        @Test(arguments: Backend.available)
        func `gives its roles to whoever is in it, for as long as they are`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                try await world.role("editor", ["pages:read", "pages:write"])
                try await world.role("viewer", ["pages:read"])
                try await world.role("local", ["x:y"], of: organization)
                try await world.add(
                    world.kay.id, to: organization, scopes: ["a:b"], roles: ["viewer"])
                #expect(
                    try await world.group("staff", ["editor", "local"], organization) == "changed")
                #expect(try await world.group("empty", [], organization) == "changed")
                for name in ["staff", "empty"] {
                    #expect(
                        try await world.put(world.kay.id, into: name, organization) == "changed")
                }
                #expect(try await world.put(world.kay.id, into: "staff", organization) == "inside")
                let member = try #require(try await world.members(of: organization).first)
                #expect(member.groups.map(\.text) == ["empty", "staff"])
                #expect(member.roles.map(\.name.text) == ["viewer"])
                #expect(member.allScopes.texts == ["a:b", "pages:read", "pages:write", "x:y"])
                #expect(try await world.current(in: organization) == member.allScopes.texts)
                #expect(
                    try await world.rolesToldOf(organization) == ["editor", "local", "viewer"])
                // What a member is changed to leaves the groups as they are.
                _ = try await world.update(
                    world.kay.id, in: organization, MembershipChange(scopes: MembershipScopes.none))
                #expect(
                    try await world.current(in: organization)
                        == ["pages:read", "pages:write", "x:y"])
                #expect(try await world.carry(["viewer"], "staff", organization) == "changed")
                #expect(try await world.current(in: organization) == ["pages:read"])
                #expect(
                    try await world.take(world.kay.id, outOf: "staff", organization) == "changed")
                #expect(
                    try await world.take(world.kay.id, outOf: "staff", organization) == "outside")
                #expect(try await world.rolesToldOf(organization) == ["viewer"])
                #expect(try await world.drop("empty", organization) == "changed")
                #expect(try await world.members(of: organization).first?.groups.isEmpty == true)
                for (kind, count) in [
                    (Event.Kind.organizationGroupCreated, 2), (.organizationGroupUpdated, 1),
                    (.organizationGroupDeleted, 1), (.organizationGroupMemberAdded, 2),
                    (.organizationGroupMemberRemoved, 1),
                ] {
                    #expect(try await world.count(kind) == count)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-376: that makes the last owner stays as it is`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let other = try await world.user()
                try await world.role("boss", ["owner"])
                try await world.add(world.kay.id, to: organization)
                try await world.add(other, to: organization)
                _ = try await world.group("chiefs", ["boss"], organization)
                _ = try await world.put(world.kay.id, into: "chiefs", organization)
                let kay = world.kay.id
                #expect(try await world.take(kay, outOf: "chiefs", organization) == "lastOwner")
                #expect(try await world.carry([], "chiefs", organization) == "lastOwner")
                #expect(try await world.drop("chiefs", organization) == "lastOwner")
                let suspension = MembershipChange(state: .suspended)
                #expect(
                    try await world.update(kay, in: organization, suspension).kind == "lastOwner")
                #expect(
                    try await world.gatehouse.memberships.remove(
                        kay, from: organization.id, of: world.acme.id, on: World.occasion()
                    ).kind == "lastOwner")
                guard
                    case .lastOwner(organization.id) = try await world.gatehouse.users.delete(
                        kay, in: world.acme.id, on: World.occasion())
                else { throw Surprise() }
                // Another group with the same role makes the first one dispensable.
                _ = try await world.group("founders", ["boss"], organization)
                _ = try await world.put(kay, into: "founders", organization)
                #expect(try await world.carry([], "chiefs", organization) == "changed")
                #expect(try await world.drop("founders", organization) == "lastOwner")
                // And so does another owner, by whatever they are one.
                _ = try await world.put(other, into: "founders", organization)
                #expect(try await world.take(kay, outOf: "founders", organization) == "changed")
                _ = try await world.update(
                    kay, in: organization,
                    MembershipChange(scopes: MembershipScopes(of: [.owner])))
                #expect(try await world.drop("founders", organization) == "changed")
                #expect(
                    try await world.update(kay, in: organization, suspension).kind == "lastOwner")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-376: of two owners by it who leave at once, one stays`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.role("boss", ["owner"])
                for _ in 0..<5 {
                    let organization = try await world.organization()
                    let other = try await world.user()
                    _ = try await world.group("chiefs", ["boss"], organization)
                    for user in [world.kay.id, other] {
                        try await world.add(user, to: organization)
                        _ = try await world.put(user, into: "chiefs", organization)
                    }
                    let outcomes = await concurrently(3) { number in
                        switch number {
                        case 0: try await world.take(world.kay.id, outOf: "chiefs", organization)
                        case 1:
                            try await world.gatehouse.memberships.remove(
                                other, from: organization.id, of: world.acme.id,
                                on: World.occasion()
                            ).kind
                        default: try await world.drop("chiefs", organization)
                        }
                    }
                    let kinds = try outcomes.map { try $0.get() }
                    #expect(kinds.contains("lastOwner"))
                    let owners = try await world.members(of: organization).filter(\.isOwner)
                    #expect(owners.count == 1)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `holds its roles, and there are only so many`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let (acme, occasion) = (world.acme.id, World.occasion())
                try await world.role("editor", ["pages:write"])
                _ = try await world.group("staff", ["editor"], organization)
                let editor = try #require(OrganizationRole.Name(parsing: "editor"))
                let roles = world.gatehouse.organizationRoles
                guard
                    case .held = try await roles.delete(editor, of: nil, in: acme, on: occasion),
                    case .held = try await roles.update(
                        editor, of: nil, to: MembershipScopes(of: [.owner]), in: acme,
                        on: occasion),
                    case .changed = try await roles.update(
                        editor, of: nil, to: .none, in: acme, on: occasion)
                else { throw Surprise() }
                #expect(try await world.group("staff", [], organization) == "taken")
                #expect(try await world.group("x", ["nobody"], organization) == "noRole")
                let many = (0...Membership.mostRoles).map { "r\($0)" }
                #expect(try await world.group("x", many, organization) == "tooManyRoles")
                #expect(
                    try await world.put(world.kay.id, into: "staff", organization) == "noMember")
                #expect(try await world.put(world.kay.id, into: "x", organization) == "notFound")
                try await world.add(world.kay.id, to: organization)
                for number in 1..<OrganizationGroup.mostOfOrganization {
                    let made = try await world.group("g\(number)", [], organization)
                    #expect(made == "changed")
                }
                #expect(try await world.group("more", [], organization) == "tooMany")
                for number in 1...OrganizationGroup.mostOfMember {
                    let put = try await world.put(world.kay.id, into: "g\(number)", organization)
                    #expect(put == "changed")
                }
                #expect(try await world.put(world.kay.id, into: "staff", organization) == "tooMany")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-373: does not exist for a neighbour`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let other = try await world.organization("other")
                _ = try await world.group("staff", [], organization)
                let name = try #require(OrganizationGroup.Name(parsing: "staff"))
                let found = try await world.database.read {
                    [umbra = world.umbra.id] transaction in
                    let groups = transaction.records(of: umbra).organizationGroups
                    return try groups.find(name, of: organization.id) != nil
                        || !groups.all(of: organization.id).isEmpty
                }
                #expect(!found)
                #expect(try await world.drop("staff", other) == "notFound")
                #expect(
                    try await world.gatehouse.organizationGroups.delete(
                        name, of: organization.id, in: world.umbra.id, on: World.occasion()
                    ).kind == "gone")
                #expect(try await world.drop("staff", organization) == "changed")
            }
        }
    }
}

extension World {
    private var groups: AdministerOrganizationGroups { gatehouse.organizationGroups }

    private static func group(_ text: String) throws -> OrganizationGroup.Name {
        try #require(OrganizationGroup.Name(parsing: text))
    }

    fileprivate func group(
        _ name: String, _ roles: [String], _ organization: Organization
    ) async throws -> String {
        try await groups.create(
            Self.group(name), carrying: Self.names(roles), of: organization.id, in: acme.id,
            on: Self.occasion()
        ).kind
    }

    fileprivate func carry(
        _ roles: [String], _ name: String, _ organization: Organization
    ) async throws -> String {
        try await groups.update(
            Self.group(name), of: organization.id, toCarry: Self.names(roles), in: acme.id,
            on: Self.occasion()
        ).kind
    }

    fileprivate func drop(_ name: String, _ organization: Organization) async throws -> String {
        try await groups.delete(
            Self.group(name), of: organization.id, in: acme.id, on: Self.occasion()
        ).kind
    }

    fileprivate func put(
        _ user: User.ID, into name: String, _ organization: Organization
    ) async throws -> String {
        try await groups.add(
            user, to: Self.group(name), of: organization.id, in: acme.id, on: Self.occasion()
        ).kind
    }

    fileprivate func take(
        _ user: User.ID, outOf name: String, _ organization: Organization
    ) async throws -> String {
        try await groups.remove(
            user, from: Self.group(name), of: organization.id, in: acme.id, on: Self.occasion()
        ).kind
    }

    /// What tokens say that kay may do there.
    fileprivate func current(in organization: Organization) async throws -> [String] {
        let all = try await records { [kay = kay.id] in try $0.memberships.allCurrent(of: kay) }
        let one = try await records { [kay = kay.id] in
            try $0.memberships.findCurrent(of: kay, in: organization.id)
        }
        #expect(one?.scopes == all.first { $0.organizationID == organization.id }?.scopes)
        return one?.scopes ?? []
    }

    /// The roles of kay's that tokens tell of.
    fileprivate func rolesToldOf(_ organization: Organization) async throws -> [String] {
        try await records { [kay = kay.id] in
            try $0.memberships.findCurrent(of: kay, in: organization.id)?.roleNames ?? []
        }
    }
}

extension AdministerOrganizationGroups.Change {
    fileprivate var kind: String { String("\(self)".prefix { $0.isLetter }) }
}
