import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import GatehouseScopes
import Testing

extension UseCases {
    @Suite struct `An organization` {
        @Test(arguments: Backend.available)
        func `GH-376: keeps an owner, whoever leaves at the same moment`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                for _ in 0..<5 {
                    let organization = try await world.organization()
                    let other = try await world.user()
                    for user in [world.kay.id, other] {
                        try await world.add(user, to: organization, scopes: ["owner"])
                    }
                    let outcomes = await concurrently(2) { number in
                        try await world.gatehouse.memberships.remove(
                            number == 0 ? world.kay.id : other, from: organization.id,
                            of: world.acme.id, on: World.occasion())
                    }
                    let kinds = try outcomes.map { try $0.get().kind }.sorted()
                    #expect(kinds == ["changed", "lastOwner"])
                    #expect(try await world.members(of: organization).count == 1)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-376: keeps an owner, by whatever it would lose the last`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                try await world.role("boss", ["owner"])
                try await world.add(world.kay.id, to: organization, roles: ["boss"])
                let other = try await world.user()
                try await world.add(other, to: organization, scopes: ["projects:read"])
                let changes = [
                    MembershipChange(state: .suspended), MembershipChange(roles: []),
                    MembershipChange(scopes: MembershipScopes(of: [.admin]), roles: []),
                ]
                for change in changes {
                    #expect(
                        try await world.update(world.kay.id, in: organization, change).kind
                            == "lastOwner")
                }
                guard
                    case .lastOwner(organization.id) = try await world.gatehouse.users.delete(
                        world.kay.id, in: world.acme.id, on: World.occasion())
                else { throw Unexpected() }
                let boss = try #require(OrganizationRole.Name(parsing: "boss"))
                let roles = world.gatehouse.organizationRoles
                guard
                    case .held = try await roles.update(
                        boss, of: nil, to: .none, in: world.acme.id, on: World.occasion()),
                    case .held = try await roles.delete(
                        boss, of: nil, in: world.acme.id, on: World.occasion())
                else { throw Unexpected() }
                // Another owner who is suspended is none.
                let owning = MembershipChange(
                    scopes: MembershipScopes(of: [.owner]), state: .suspended)
                #expect(try await world.update(other, in: organization, owning).kind == "changed")
                #expect(
                    try await world.update(world.kay.id, in: organization, changes[0]).kind
                        == "lastOwner")
                let active = MembershipChange(state: .active)
                #expect(try await world.update(other, in: organization, active).kind == "changed")
                #expect(
                    try await world.update(world.kay.id, in: organization, changes[0]).kind
                        == "changed")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-389: is made once for each slug, however many ask`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let outcomes = await concurrently(16) { _ in
                    try await world.gatehouse.organizations.create(
                        try World.organization(), ownedBy: nil, in: world.acme.id,
                        on: World.occasion())
                }
                let kinds = try outcomes.map { try $0.get().kind }
                #expect(kinds.count { $0 == "changed" } == 1)
                #expect(kinds.count { $0 == "taken" } == 15)
                #expect(try await world.count(.organizationCreated) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is suspended, deleted and restored, and removed when its time is over`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                try await world.role("boss", ["owner"], of: organization)
                try await world.add(world.kay.id, to: organization, roles: ["boss"])
                let organizations = world.gatehouse.organizations
                let (acme, id) = (world.acme.id, organization.id)
                let suspension = try #require(
                    Suspension(reason: "Unpaid", actor: "ann", at: World.start))
                func current() async throws -> Int {
                    try await world.records { [kay = world.kay.id] in
                        try $0.memberships.allCurrent(of: kay).count
                    }
                }
                #expect(try await current() == 1)
                _ = try await organizations.suspend(
                    id, as: suspension, in: acme, on: World.occasion())
                #expect(try await current() == 0)
                guard
                    case .unfit(.suspended) = try await organizations.suspend(
                        id, as: suspension, in: acme, on: World.occasion())
                else { throw Unexpected() }
                _ = try await organizations.activate(id, in: acme, on: World.occasion())
                #expect(try await current() == 1)
                _ = try await organizations.delete(
                    id, after: .days(30), in: acme, on: World.occasion())
                #expect(try await current() == 0)
                try await world.removeExpired(after: .days(29))
                _ = try await organizations.restore(id, in: acme, on: World.occasion())
                #expect(try await current() == 1)
                _ = try await organizations.delete(
                    id, after: .days(30), in: acme, on: World.occasion())
                let late = World.occasion(after: .days(31))
                let tried = try await organizations.restore(id, in: acme, on: late)
                guard case .unfit(.deleting) = tried else { throw Unexpected() }
                try await world.removeExpired(after: .days(31))
                #expect(try await organizations.find(id, in: acme) == nil)
                #expect(try await world.members(of: organization).isEmpty)
                #expect(try await world.count(.organizationDeleted) == 1)
                let kinds: [Event.Kind] = [
                    .organizationSuspended, .organizationActivated, .organizationRestored,
                    .membershipCreated,
                ]
                for kind in kinds { #expect(try await world.count(kind) == 1) }
                #expect(try await world.count(.organizationDeletionBegun) == 2)
                // The slug is free again, and means something new.
                let next = try await world.organization()
                #expect(next.id != id)
                #expect(try await current() == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `does not exist for a neighbour`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                try await world.role("boss", ["owner"])
                try await world.add(world.kay.id, to: organization, roles: ["boss"])
                let (umbra, id, kay) = (world.umbra.id, organization.id, world.kay.id)
                let name = try #require(OrganizationRole.Name(parsing: "boss"))
                let found = try await world.database.write { transaction in
                    let records = transaction.records(of: umbra)
                    return try [
                        records.organizations.find(id) != nil,
                        records.organizations.find(organization.slug) != nil,
                        records.organizations.hold(id),
                        !records.organizations.list(after: nil, limit: 9).isEmpty,
                        records.organizationRoles.find(name, of: nil) != nil,
                        !records.organizationRoles.all(of: nil).isEmpty,
                        records.memberships.find(kay, in: id) != nil,
                        !records.memberships.list(of: id, after: nil, limit: 9).isEmpty,
                        !records.memberships.allCurrent(of: kay).isEmpty,
                        records.memberships.findCurrent(of: kay, in: id) != nil,
                    ]
                }
                #expect(found.allSatisfy { !$0 })
                let occasion = World.occasion()
                let memberships = world.gatehouse.memberships
                #expect(
                    try await memberships.remove(kay, from: id, of: umbra, on: occasion).kind
                        == "gone")
                #expect(
                    try await memberships.add(
                        kay, to: id, as: MembershipChange(), of: umbra, on: occasion
                    ).kind == "gone")
                #expect(try await world.members(of: organization).count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `means its own role by a name, and else that of the tenant`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let other = try await world.organization("other")
                try await world.role("editor", ["pages:read"])
                try await world.role("editor", ["pages:write"], of: organization)
                try await world.role("local", ["x:y"], of: other)
                let own = try await world.add(
                    world.kay.id, to: organization, scopes: ["pages:write", "a:b"],
                    roles: ["editor"])
                #expect(own.allScopes.texts == ["a:b", "pages:write"])
                let common = try await world.add(world.kay.id, to: other, roles: ["editor"])
                #expect(common.allScopes.texts == ["pages:read"])
                let foreign = MembershipChange(roles: World.names(["local"]))
                #expect(
                    try await world.update(world.kay.id, in: organization, foreign).kind
                        == "noRole")
            }
        }

        private struct Unexpected: Error {}
    }

    @Suite struct `A member of many organizations` {
        @Test(arguments: Backend.available)
        func `is read by one question`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.role("editor", ["pages:read", "pages:write"])
                try await world.role("boss", ["owner"])
                for number in 0..<500 {
                    let organization = try await world.organization("o-\(number)")
                    try await world.add(
                        world.kay.id, to: organization, scopes: ["a:b"],
                        roles: number.isMultiple(of: 2) ? ["editor", "boss"] : [])
                }
                let kay = world.kay.id
                let (count, memberships) = try await world.database.read {
                    [acme = world.acme.id] transaction in
                    let connection = CountingConnection(transaction)
                    let memberships = try Transaction(on: connection).records(of: acme)
                        .memberships.allCurrent(of: kay)
                    return (connection.count, memberships)
                }
                #expect(count == 1)
                #expect(memberships.count == 500)
                #expect(Set(memberships.map(\.organizationID)).count == 500)
                #expect(memberships.map(\.organizationID.text).isSorted)
                #expect(
                    Set(memberships.map(\.scopes)) == [
                        ["a:b"], ["a:b", "owner", "pages:read", "pages:write"],
                    ])
            }
        }

        @Test func `costs SQLite nothing for the members that others are`() async throws {
            try await Backend.sqlite.withWorld { world in
                let plan = try await world.database.read {
                    [acme = world.acme.id, kay = world.kay.id] transaction in
                    let connection = CountingConnection(transaction)
                    let memberships = Transaction(on: connection).records(of: acme).memberships
                    _ = try memberships.allCurrent(of: kay)
                    return try connection.queries
                        .flatMap { try transaction.rows("EXPLAIN QUERY PLAN \($0)") }
                        .map { try $0.text("detail") }
                }
                #expect(plan.contains { $0.contains("membership_group_by_user") })
                #expect(!plan.contains { $0.hasPrefix("SCAN") || $0.hasSuffix("(tenant_id=?)") })
            }
        }
    }
}

extension [String] {
    fileprivate var isSorted: Bool { self == sorted() }
}

/// A connection that counts what it is asked.
private final class CountingConnection: SQLConnection {
    private let transaction: Transaction
    private(set) var count = 0
    private(set) var queries: [SQL] = []

    init(_ transaction: Transaction) {
        self.transaction = transaction
    }

    var dialect: Dialect { transaction.dialect }

    func execute(_ sql: SQL) throws -> Int {
        count += 1
        return try transaction.execute(sql)
    }

    func query(_ sql: SQL) throws -> [Row] {
        count += 1
        queries.append(sql)
        return try transaction.rows(sql)
    }

    func send(_ sql: SQL) throws { _ = try execute(sql) }

    func submit(_ sql: SQL) throws -> () throws -> Int {
        let changed = try execute(sql)
        return { changed }
    }

    func announceChange() throws { try transaction.announceChange() }
}

@Suite struct `What is said of an organization` {
    @Test(arguments: [
        "{}", #"{"plan":"gold","seats":5}"#, "{\"a\":\"" + "a".times(4_087) + "\"}",
    ])
    func `is a JSON object`(_ text: String) {
        #expect(OrganizationMetadata(parsing: text) != nil)
    }

    @Test(arguments: [
        "", "[]", "1", "null", "{", "{}x", "{\"a\":1,\"a\":2}",
        "{\"a\":\"" + "a".times(4_089) + "\"}",
    ])
    func `is nothing else`(_ text: String) {
        #expect(OrganizationMetadata(parsing: text) == nil)
    }

    @Test func `is why it is suspended, within limits`() {
        let now = World.start
        #expect(Suspension(reason: nil, actor: nil, at: now) != nil)
        #expect(Suspension(reason: "é".times(1_000), actor: "a".times(200), at: now) != nil)
        #expect(Suspension(reason: "a".times(1_001), actor: nil, at: now) == nil)
        #expect(Suspension(reason: nil, actor: "a".times(201), at: now) == nil)
        for text in ["", "a\nb", "a\0b", "\u{1B}[2J"] {
            #expect(Suspension(reason: text, actor: nil, at: now) == nil)
            #expect(Suspension(reason: nil, actor: text, at: now) == nil)
        }
    }

    @Test(arguments: ["admin", "a", "Role-1_x"])
    func `is a role by its name`(_ text: String) {
        #expect(OrganizationRole.Name(parsing: text)?.text == text)
    }

    @Test(arguments: ["", "a b", "a.b", "a:b", "é", "a\0", "a\n", "a,b"])
    func `is no role by another text`(_ text: String) {
        #expect(OrganizationRole.Name(parsing: text) == nil)
        #expect(OrganizationRole.Name(parsing: "a".times(65)) == nil)
    }

    @Test func `is what members may do, each once and sorted`() {
        let scopes = MembershipScopes(parsing: ["b:c", "owner", "a:b", "b:c"])
        #expect(scopes?.texts == ["a:b", "b:c", "owner"])
        #expect(MembershipScopes(parsing: ["a:b", "nonsense"]) == nil)
        #expect(MembershipScopes(parsing: (0...100).map { "a:b\($0)" }) == nil)
    }
}

extension String {
    fileprivate func times(_ count: Int) -> String { String(repeating: self, count: count) }
}
