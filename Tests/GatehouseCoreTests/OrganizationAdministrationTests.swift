import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import GatehouseScopes
import Testing

/// What a member who is signed in does to an organization.
private struct Administering {
    let world: World
    let organization: Organization
    let signedIn: World.SignedIn

    var visit: AdministratorVisit {
        AdministratorVisit(from: signedIn.browser, at: world.acme, as: world.kay.id)
    }
    var actor: OrganizationActor { .administrator(visit) }

    func update(
        _ user: User.ID, _ change: MembershipChange, after delay: Lifetime = .seconds(0)
    ) async throws -> String {
        try await world.gatehouse.memberships(by: actor).update(
            user, in: organization.id, by: change, of: world.acme.id,
            on: World.occasion(after: delay)
        ).outcome
    }

    func remove(_ user: User.ID) async throws -> String {
        try await world.gatehouse.memberships(by: actor).remove(
            user, from: organization.id, of: world.acme.id, on: World.occasion()
        ).outcome
    }

    func rename(after delay: Lifetime = .seconds(0)) async throws -> String {
        let name = try #require(DisplayName(parsing: "Renamed"))
        return try await world.gatehouse.organizations.rename(
            organization.id, to: name, in: world.acme.id, by: visit,
            on: World.occasion(after: delay)
        ).outcome
    }
}

extension World {
    /// An organization that kay administers by these scopes, signed in at the start.
    fileprivate func administering(_ scopes: [String]) async throws -> Administering {
        let organization = try await organization()
        try await add(kay.id, to: organization, scopes: scopes)
        return Administering(
            world: self, organization: organization, signedIn: try await signIn())
    }

    fileprivate func kays(_ change: MembershipChange, _ organization: Organization) async throws {
        #expect(try await update(kay.id, in: organization, change).kind == "changed")
    }
}

/// The name of an outcome and, if it is a refusal, why.
private func named(_ outcome: some Any) -> String {
    "\(outcome)".firstMatch(of: /AdministrationRefusal\.(\w+)/).map { String($0.1) }
        ?? String("\(outcome)".prefix { $0.isLetter })
}

extension AdministerMemberships.Change { fileprivate var outcome: String { named(self) } }
extension AdministerOrganizations.Change { fileprivate var outcome: String { named(self) } }
extension AdministerInvitations.Change { fileprivate var outcome: String { named(self) } }
extension AdministerOrganizationGroups.Change { fileprivate var outcome: String { named(self) } }
extension AdministerAPIKeys.Made { fileprivate var outcome: String { named(self) } }
extension AdministerAPIKeys.Revocation { fileprivate var outcome: String { named(self) } }

extension UseCases {
    @Suite struct `An administrator of an organization` {
        @Test(arguments: Backend.available)
        func `changes members, and is named by the events`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["admin"])
                let member = try await world.user()
                try await world.add(member, to: own.organization)
                #expect(try await own.update(member, .init(state: .suspended)) == "changed")
                #expect(try await own.update(member, .init(state: .active)) == "changed")
                #expect(try await own.remove(member) == "changed")
                #expect(try await own.rename() == "changed")
                let events = try await world.records { try $0.events.latest(100) }
                let done = events.filter { $0.actor == world.kay.id.text }.map(\.kind).sorted()
                #expect(
                    done == [
                        "membership.activated", "membership.deleted", "membership.suspended",
                        "organization.updated",
                    ])
            }
        }

        @Test(arguments: Backend.available)
        func `GH-509: changes nothing once they are none, by whatever that ended`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let member = try await world.user()
                func refused(
                    _ scopes: [String] = ["admin"],
                    after end: (Administering) async throws -> Void
                ) async throws {
                    let own = try await world.administering(scopes)
                    try await world.add(member, to: own.organization)
                    try await end(own)
                    #expect(
                        try await own.update(member, .init(state: .suspended))
                            == "noAdministrator")
                    #expect(try await own.remove(member) == "noAdministrator")
                    #expect(try await own.rename() == "noAdministrator")
                }
                let at = World.occasion()
                for scopes in [["member"], ["*:**"], ["admin:**"], []] {
                    try await refused(scopes) { _ in }
                }
                try await refused { own in
                    try await world.kays(.init(state: .suspended), own.organization)
                }
                try await refused { own in
                    try await world.kays(.init(scopes: MembershipScopes.none), own.organization)
                }
                try await refused { own in
                    _ = try await world.gatehouse.memberships.remove(
                        world.kay.id, from: own.organization.id, of: world.acme.id, on: at)
                }
                try await refused { own in
                    let suspension = try #require(
                        Suspension(reason: nil, actor: nil, at: World.start))
                    _ = try await world.gatehouse.organizations.suspend(
                        own.organization.id, as: suspension, in: world.acme.id, on: at)
                }
                try await refused { own in
                    _ = try await world.records {
                        try $0.sessions.end(own.signedIn.session.id, at: World.start)
                    }
                }
            }
        }

        @Test(arguments: Backend.available)
        func `by a role or a group is one as by a scope`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering([])
                try await world.role("chief", ["admin"])
                let member = try await world.user()
                try await world.add(member, to: own.organization)
                #expect(try await own.remove(member) == "noAdministrator")
                try await world.kays(.init(roles: World.names(["chief"])), own.organization)
                #expect(try await own.rename() == "changed")
                try await world.kays(.init(roles: []), own.organization)
                #expect(try await own.rename() == "noAdministrator")
                let name = try #require(World.names(["bosses"]).first)
                let groups = world.gatehouse.organizationGroups
                _ = try await groups.create(
                    name, carrying: World.names(["chief"]), of: own.organization.id,
                    in: world.acme.id, on: World.occasion())
                _ = try await groups.add(
                    world.kay.id, to: name, of: own.organization.id, in: world.acme.id,
                    on: World.occasion())
                #expect(try await own.remove(member) == "changed")
            }
        }

        @Test(arguments: Backend.available)
        func `changes nothing long after signing in, or as somebody else`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["owner"])
                let limit = OrganizationAdministration.freshness
                #expect(try await own.rename(after: .minutes(9)) == "changed")
                #expect(try await own.rename(after: limit) == "stale")
                let other = try await world.user()
                let visit = AdministratorVisit(
                    from: own.signedIn.browser, at: world.acme, as: other)
                let name = try #require(DisplayName(parsing: "Other"))
                let change = try await world.gatehouse.organizations.rename(
                    own.organization.id, to: name, in: world.acme.id, by: visit,
                    on: World.occasion())
                #expect(change.outcome == "anotherAccount")
            }
        }

        @Test(arguments: Backend.available)
        func `who is an admin neither touches nor makes an owner`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["admin"])
                try await world.role("boss", ["owner"])
                try await world.role("reader", ["a:read"])
                let owner = try await world.user()
                let member = try await world.user()
                try await world.add(owner, to: own.organization, roles: ["boss"])
                try await world.add(member, to: own.organization)
                let boss = World.names(["boss"])
                let owning = MembershipScopes(of: [.owner])
                for change in [
                    MembershipChange(roles: boss), MembershipChange(scopes: owning),
                ] {
                    #expect(try await own.update(member, change) == "ownersOnly")
                    #expect(try await own.update(world.kay.id, change) == "ownersOnly")
                }
                for change in [
                    MembershipChange(roles: []), MembershipChange(title: .some(nil)),
                    MembershipChange(state: .suspended), MembershipChange(state: .active),
                ] {
                    #expect(try await own.update(owner, change) == "ownersOnly")
                }
                #expect(try await own.remove(owner) == "ownersOnly")
                #expect(
                    try await own.update(member, .init(roles: World.names(["reader"])))
                        == "changed")
                // An owner may, but the last one stays.
                try await world.kays(.init(scopes: owning), own.organization)
                #expect(try await own.update(member, .init(roles: boss)) == "changed")
                #expect(try await own.remove(owner) == "changed")
                #expect(try await own.remove(member) == "changed")
                #expect(try await own.remove(world.kay.id) == "lastOwner")
            }
        }

        @Test(arguments: Backend.available)
        func `who is an admin puts nobody into a group that makes owners, and invites none`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["admin"])
                try await world.role("boss", ["owner"])
                let member = try await world.user()
                try await world.add(member, to: own.organization)
                let (acme, id, at) = (world.acme.id, own.organization.id, World.occasion())
                let name = try #require(World.names(["bosses"]).first)
                _ = try await world.gatehouse.organizationGroups.create(
                    name, carrying: World.names(["boss"]), of: id, in: acme, on: at)
                let groups = world.gatehouse.organizationGroups(by: own.actor)
                #expect(
                    try await groups.add(member, to: name, of: id, in: acme, on: at).outcome
                        == "ownersOnly")
                #expect(
                    try await groups.update(name, of: id, toCarry: [], in: acme, on: at).outcome
                        == "ownersOnly")
                #expect(
                    try await groups.delete(name, of: id, in: acme, on: at).outcome
                        == "ownersOnly")
                let invitations = world.gatehouse.invitations(by: own.actor)
                for terms in [
                    try World.terms("a@b.test", scopes: ["owner"]),
                    try World.terms("a@b.test", roles: ["boss"]),
                ] {
                    #expect(
                        try await invitations.invite(
                            terms, to: id, of: acme, answeredAt: world.issuer, on: at
                        ).outcome == "ownersOnly")
                    guard
                        case .changed(let made) = try await world.invite(
                            terms, to: own.organization)
                    else { throw Surprise() }
                    #expect(
                        try await invitations.resend(
                            made.id, to: id, for: .days(1), of: acme, on: at
                        ).outcome == "ownersOnly")
                    #expect(
                        try await invitations.revoke(made.id, to: id, of: acme, on: at).outcome
                            == "ownersOnly")
                    _ = try await world.revoke(made)
                }
                #expect(
                    try await invitations.invite(
                        World.terms("c@b.test", scopes: ["admin"]), to: id, of: acme,
                        answeredAt: world.issuer, on: at
                    ).outcome == "changed")
            }
        }

        @Test(arguments: Backend.available)
        func `makes keys of the organization that do no more than they could give`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["admin", "own:write"])
                try await world.role("boss", ["owner", "secret:read"])
                try await world.role("reader", ["invoices:*"])
                let keys = world.gatehouse.apiKeys(by: own.actor)
                let (acme, id, at) = (world.acme.id, own.organization.id, World.occasion())
                let indicator = try #require(ResourceIndicator("https://api.test"))
                let name = try #require(DisplayName(parsing: "Key"))
                _ = try await world.records {
                    _ = try $0.resources.insert(Resource(indicator, name: name, at: World.start))
                }
                func make(
                    _ texts: [String], of owner: APIKey.Owner
                ) async throws -> AdministerAPIKeys.Made {
                    guard let scopes = MembershipScopes(parsing: texts) else { throw Surprise() }
                    return try await keys.create(in: acme, on: at) { secret in
                        APIKey(
                            secret, called: name, of: owner, for: ["https://api.test"],
                            scopes: scopes, networks: [], expiresAt: nil, at: World.start)
                    }
                }
                let ours = APIKey.Owner.organization(id)
                for scopes in [["invoices:read"], ["own:write"], ["invoices:*"], []] {
                    #expect(try await make(scopes, of: ours).outcome == "made")
                }
                for scopes in [["*:**"], ["secret:read"], ["invoices:read", "orders:read"]] {
                    #expect(try await make(scopes, of: ours).outcome == "notTheirsToGive")
                }
                let other = try await world.organization("umbrella")
                #expect(
                    try await make([], of: .organization(other.id)).outcome == "noAdministrator")
                #expect(try await make([], of: .user(world.kay.id)).outcome == "noAdministrator")
                let theirs = try await world.gatehouse.apiKeys.create(in: acme, on: at) { secret in
                    APIKey(
                        secret, called: name, of: .organization(other.id),
                        for: ["https://api.test"], scopes: .none, networks: [], expiresAt: nil,
                        at: World.start)
                }
                guard case .made(let key, _) = theirs else { throw Surprise() }
                #expect(
                    try await keys.revoke(key.id, of: id, in: acme, on: at).outcome == "notFound")
                #expect(
                    try await keys.revoke(key.id, of: other.id, in: acme, on: at).outcome
                        == "noAdministrator")
            }
        }

        @Test(arguments: Backend.available)
        func `is refused what was decided on an older state`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let own = try await world.administering(["admin"])
                let member = try await world.user()
                let seen = try await world.add(member, to: own.organization)
                let change = MembershipChange(roles: [], basis: seen.updatedAt)
                #expect(try await own.update(member, change, after: .seconds(1)) == "changed")
                #expect(try await own.update(member, change, after: .seconds(2)) == "outdated")
            }
        }
    }
}
