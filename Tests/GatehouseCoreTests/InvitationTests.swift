import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `An invitation` {
        @Test(arguments: Backend.available)
        func `makes the person with the address a member, as it says`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let organization = try await world.organization()
                try await world.role("editor", ["pages:write"])
                // However the address is written, it is the same.
                let (invitation, secret) = try await world.invited(
                    World.terms("KAY@Acme.test", roles: ["editor"]), to: organization)
                let kay = try await world.signIn()
                let view = try #require(try await world.view(secret, in: kay.browser))
                #expect(view.isPending && view.account?.user.id == world.kay.id)
                #expect(try await world.members(of: organization).isEmpty)
                #expect(try await world.accept(secret, as: kay) == .joined)
                let member = try #require(try await world.members(of: organization).first)
                #expect(member.userID == world.kay.id && member.title?.text == "Founder")
                #expect(member.allScopes.texts == ["a:b", "pages:write"])
                #expect(try await world.accept(secret, as: kay) == .over)
                let after = try #require(try await world.view(secret, in: kay.browser))
                #expect(after.state == .accepted && after.isOurs)
                #expect(try await world.revoke(invitation).kind == "unfit")
                #expect(try await world.resend(invitation).kind == "unfit")
                for kind in [Event.Kind.invitationAccepted, .membershipCreated, .invitationSent] {
                    #expect(try await world.count(kind) == 1)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-245, GH-458: is accepted once, however often at the same moment`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let kay = try await world.signIn()
                for round in 1...3 {
                    let organization = try await world.organization()
                    let (_, secret) = try await world.invited(World.terms(), to: organization)
                    let outcomes = await concurrently(16) { _ in
                        try await world.accept(secret, as: kay)
                    }
                    let accepted = try outcomes.map { try $0.get() }
                    #expect(accepted.count { $0 == .joined } == 1)
                    #expect(accepted.count { $0 == .over } == 15)
                    #expect(try await world.members(of: organization).count == 1)
                    #expect(try await world.count(.invitationAccepted) == round)
                    #expect(try await world.count(.membershipCreated) == round)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-245: is either accepted or taken back`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let kay = try await world.signIn()
                for _ in 0..<5 {
                    let organization = try await world.organization()
                    let (invitation, secret) = try await world.invited(
                        World.terms(), to: organization)
                    let outcomes = await concurrently(2) { number in
                        guard number == 0 else { return try await world.revoke(invitation).kind }
                        let accepted = try await world.accept(secret, as: kay)
                        return "\(accepted)"
                    }
                    let kinds = try outcomes.map { try $0.get() }
                    #expect([["joined", "unfit"], ["over", "changed"]].contains(kinds))
                    let members = try await world.members(of: organization)
                    #expect(members.count == (kinds[0] == "joined" ? 1 : 0))
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-245, GH-143: is for its address only, once that is known to be theirs`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let (_, secret) = try await world.invited(World.terms(), to: organization)
                // The address stands with the account, and nobody knows whose it is.
                let unproven = try await world.signIn()
                #expect(try await world.accept(secret, as: unproven) == .notTheirs)
                let mallory = try await world.signInOther("mallory@acme.test")
                #expect(try await world.accept(secret, as: mallory) == .notTheirs)
                #expect(try await world.view(secret, in: mallory.browser)?.account == nil)
                // A session of another browser is named.
                let borrowed = World.SignedIn(session: unproven.session, browser: mallory.browser)
                #expect(try await world.accept(secret, as: borrowed) == .notTheirs)
                #expect(try await world.members(of: organization).isEmpty)
                try await world.verifyKay()
                #expect(try await world.accept(secret, as: unproven) == .joined)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-235: is over at the very moment that it says`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let organization = try await world.organization()
                let (invitation, secret) = try await world.invited(
                    World.terms(days: 1), to: organization)
                let late = try await world.signIn(after: .hours(23))
                #expect(try await world.accept(secret, as: late, after: .days(1)) == .over)
                #expect(try await world.view(secret, after: .days(1))?.state == .expired)
                #expect(try await world.revoke(invitation, after: .days(1)).kind == "unfit")
                let just = Lifetime.minutes(23 * 60 + 59)
                #expect(try await world.accept(secret, as: late, after: just) == .joined)
                let job = RemoveExpired(database: world.database, holder: "a")
                while try await job.run(at: World.start + .days(2)) {}
                #expect(try await world.view(secret) != nil)
                while try await job.run(at: World.start + .days(2) + .seconds(1)) {}
                #expect(try await world.view(secret) == nil)
                #expect(try await world.members(of: organization).count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-245: waits while nobody acts in the organization, and is lost with it`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let kay = try await world.signIn()
                let organization = try await world.organization()
                let (_, secret) = try await world.invited(World.terms(), to: organization)
                let organizations = world.gatehouse.organizations
                let (acme, id) = (world.acme.id, organization.id)
                let suspension = try #require(
                    Suspension(reason: nil, actor: nil, at: World.start))
                _ = try await organizations.suspend(
                    id, as: suspension, in: acme, on: World.occasion())
                #expect(try await world.accept(secret, as: kay) == .over)
                let other = try World.terms("other@acme.test")
                #expect(try await world.invite(other, to: organization).kind == "away")
                _ = try await organizations.activate(id, in: acme, on: World.occasion())
                #expect(try await world.view(secret)?.isPending == true)
                _ = try await organizations.delete(
                    id, after: .days(1), in: acme, on: World.occasion())
                #expect(try await world.accept(secret, as: kay) == .over)
                try await world.removeExpired(after: .days(2))
                #expect(try await world.accept(secret, as: kay) == .unknown)
            }
        }

        @Test(arguments: Backend.available)
        func `is left as it is where a role is gone, or the person is inside`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let kay = try await world.signIn()
                let organization = try await world.organization()
                try await world.role("editor", ["pages:write"])
                let (_, secret) = try await world.invited(
                    World.terms(roles: ["editor"]), to: organization)
                let editor = try #require(OrganizationRole.Name(parsing: "editor"))
                _ = try await world.gatehouse.organizationRoles.delete(
                    editor, of: nil, in: world.acme.id, on: World.occasion())
                #expect(try await world.accept(secret, as: kay) == .roleGone)
                try await world.role("editor", ["pages:read"])
                try await world.add(world.kay.id, to: organization, scopes: ["x:y"])
                #expect(try await world.accept(secret, as: kay) == .memberAlready)
                #expect(try await world.members(of: organization).first?.allScopes.texts == ["x:y"])
                #expect(try await world.view(secret)?.isPending == true)
                _ = try await world.gatehouse.memberships.remove(
                    world.kay.id, from: organization.id, of: world.acme.id, on: World.occasion())
                #expect(try await world.accept(secret, as: kay) == .joined)
                #expect(
                    try await world.members(of: organization).first?.allScopes.texts
                        == ["a:b", "pages:read"])
            }
        }

        @Test(arguments: Backend.available)
        func `is one for an address, and there are only so many letters`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let other = try await world.organization("other")
                _ = try await world.invited(World.terms(), to: organization)
                let again = try World.terms("Kay@ACME.test")
                #expect(try await world.invite(again, to: organization).kind == "taken")
                #expect(try await world.invite(again, to: other).kind == "changed")
                // One that has expired makes room.
                #expect(
                    try await world.invite(again, to: organization, after: .days(7)).kind
                        == "changed")
                #expect(
                    try await world.invite(World.terms("a@b.test", roles: ["x"]), to: other).kind
                        == "noRole")
                try await world.add(world.kay.id, to: organization)
                #expect(try await world.invite(again, to: organization).kind == "member")
                let many = try await world.organization("many")
                guard
                    case .changed(let invitation) = try await world.invite(
                        World.terms("many@acme.test"), to: many)
                else { throw Surprise() }
                for _ in 1..<10 { #expect(try await world.resend(invitation).kind == "changed") }
                guard
                    case .limited(let exceeded) = try await world.resend(invitation)
                else { throw Surprise() }
                #expect(exceeded.name == .invitationAddress)
                #expect(try await world.count(.limitExceeded) == 1)
                #expect(try await world.resend(invitation, after: .hours(1)).kind == "changed")
            }
        }

        @Test(arguments: Backend.available)
        func `GH-373: does not exist for a neighbour`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                let (invitation, secret) = try await world.invited(
                    World.terms(), to: organization)
                let nobody = Browser(secret: nil, session: nil)
                #expect(
                    try await world.answer.view(
                        secret, from: nobody, at: world.umbra, through: world.issuer,
                        on: World.occasion()) == nil)
                // At another address of the same tenant it is another link.
                #expect(
                    try await world.answer.view(
                        secret, from: nobody, at: world.acme,
                        through: Issuer(stored: "https://other.test"), on: World.occasion()) == nil)
                let invitations = world.gatehouse.invitations
                #expect(
                    try await invitations.revoke(
                        invitation.id, to: organization.id, of: world.umbra.id,
                        on: World.occasion()
                    ).kind == "notFound")
                let other = try await world.organization("other")
                #expect(
                    try await invitations.revoke(
                        invitation.id, to: other.id, of: world.acme.id, on: World.occasion()
                    ).kind == "notFound")
                let listed = try await invitations.list(
                    to: organization.id, in: world.umbra.id, after: nil, limit: 9)
                #expect(listed.isEmpty)
                #expect(try await world.view(secret)?.isPending == true)
            }
        }
    }
}
