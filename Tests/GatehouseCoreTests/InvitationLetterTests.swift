import GatehouseCore
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `The letter of an invitation` {
        @Test(arguments: Backend.available)
        func `GH-236: makes every letter before it useless`(backend: Backend) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let kay = try await world.signIn()
                let organization = try await world.organization()
                let (invitation, first) = try await world.invited(World.terms(), to: organization)
                #expect(try await world.resend(invitation).kind == "changed")
                // From the moment on at which it was asked for.
                #expect(try await world.view(first) == nil)
                let second = try await world.nextLetter()
                #expect(try await world.accept(first, as: kay) == .unknown)
                #expect(try await world.accept(second, as: kay) == .joined)
            }
        }

        @Test(arguments: Backend.available)
        func `is sent once by many, and again after it failed`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                _ = try await world.invite(World.terms(), to: organization)
                world.relay.fail(.unreachable)
                #expect(try await world.sendLetters() == [.unreachable])
                #expect(try await world.sendLetters(after: .seconds(59)).isEmpty)
                #expect(try await world.sendLetters(after: .minutes(1)) == [.unreachable])
                world.relay.fail(nil)
                let outcomes = await concurrently(8) { _ in
                    try await world.sendLetters(after: .minutes(3))
                }
                #expect(try outcomes.flatMap { try $0.get() } == [nil])
                #expect(world.relay.mails.count == 1)
                #expect(try await world.sendLetters(after: .days(1)).isEmpty)
                #expect(try await world.count(.invitationLetterFailed) == 2)
                #expect(try await world.count(.invitationSent) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `is given up if the relay refuses it, and taken over from who died`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                _ = try await world.invite(World.terms(), to: organization)
                let sending = try #require(world.gatehouse.sendInvitations)
                let claimed = try await sending.claim(10, at: World.start)
                #expect(claimed.count == 1)
                // Nobody else has it, until the claim ends.
                #expect(try await world.sendLetters(after: .minutes(1)).isEmpty)
                world.relay.fail(.refused)
                #expect(try await world.sendLetters(after: .minutes(3)) == [.refused])
                #expect(try await world.sendLetters(after: .days(1)).isEmpty)
                let listed = try await world.gatehouse.invitations.list(
                    to: organization.id, in: world.acme.id, after: nil, limit: 9)
                #expect(listed.map(\.letter.state) == [.failed])
                // The first one comes back late: what it sends is worth nothing.
                world.relay.fail(nil)
                let late = try #require(claimed.first)
                _ = try await sending.send(late, on: World.occasion(after: .minutes(4)))
                let text = try #require(world.relay.mails.last).text
                let token = try #require(text.firstMatch(of: /invitation_token=(\S+)/)?.1)
                let secret = try #require(Secret(String(token), for: .invitation))
                #expect(try await world.view(secret) == nil)
                #expect(try await world.count(.invitationSent) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is not sent for what was taken back, has expired, or stands still`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let organization = try await world.organization()
                guard
                    case .changed(let invitation) = try await world.invite(
                        World.terms(days: 1), to: organization)
                else { throw Surprise() }
                #expect(try await world.sendLetters(after: .days(1)).isEmpty)
                let suspension = try #require(
                    Suspension(reason: nil, actor: nil, at: World.start))
                _ = try await world.gatehouse.organizations.suspend(
                    organization.id, as: suspension, in: world.acme.id, on: World.occasion())
                #expect(try await world.sendLetters().isEmpty)
                _ = try await world.gatehouse.organizations.activate(
                    organization.id, in: world.acme.id, on: World.occasion())
                _ = try await world.revoke(invitation)
                #expect(try await world.sendLetters().isEmpty)
                #expect(world.relay.mails.isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `has the only copy of the secret, and no event has the address`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay()
                let organization = try await world.organization()
                let (_, secret) = try await world.invited(World.terms(), to: organization)
                #expect(try await world.accept(secret, as: world.signIn()) == .joined)
                let (events, rows) = try await world.database.read { transaction in
                    (
                        try transaction.rows("SELECT detail FROM event")
                            .map { try $0.text("detail") },
                        try transaction.rows("SELECT secret_digest FROM invitation")
                            .map { try $0.bytes("secret_digest") }
                    )
                }
                #expect(rows == [secret.digest.bytes])
                for event in events {
                    #expect(!event.contains("kay@") && !event.contains(secret.revealed))
                }
            }
        }

        @Test(arguments: [
            MailFailure.unreachable, .insecure, .unauthenticated, .postponed, .timedOut,
            .malformed,
        ])
        func `is tried again ever later, and not for ever`(_ failure: MailFailure) async throws {
            try await Backend.sqlite.withWorld { world in
                let organization = try await world.organization()
                guard
                    case .changed(let invitation) = try await world.invite(
                        World.terms(), to: organization)
                else { throw Surprise() }
                world.relay.fail(failure)
                var now = Lifetime.seconds(0)
                var tries = 0
                while tries < 100 {
                    let outcomes = try await world.sendLetters(after: now)
                    tries += outcomes.count
                    let letter = try await world.records {
                        try $0.invitations.find(
                            invitation.id, to: organization.id)?.letter
                    }
                    guard let due = try #require(letter).dueAt else { break }
                    let pause = due.milliseconds - (World.start + now).milliseconds
                    #expect((60_000...3_600_000).contains(pause))
                    now = .seconds((due.milliseconds - World.start.milliseconds) / 1_000)
                }
                #expect(tries == 12)
            }
        }
    }

    @Suite struct `Whoever has a letter` {
        @Test(arguments: Backend.available)
        func `makes an account whose address counts, also where strangers do not`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.close()
                let organization = try await world.organization()
                let (_, secret) = try await world.invited(
                    World.terms("bob@acme.test"), to: organization)
                let view = try #require(try await world.view(secret))
                let entry = try await world.answer.createAccount(
                    name: "Bob", password: "teapot gravel unicorn 41", view,
                    at: world.acme, on: World.occasion())
                guard case .entered(let signedIn) = entry else { throw Surprise() }
                let browser = Browser(
                    secret: Secret(for: .browser), sessions: signedIn.sessions)
                let again = try #require(try await world.view(secret, in: browser))
                let bob = try #require(again.account)
                #expect(bob.user.emailVerifiedAt == World.start)
                #expect(try await world.members(of: organization).isEmpty)
                let session = World.SignedIn(session: bob.session, browser: browser)
                #expect(try await world.accept(secret, as: session) == .joined)
                // The address is taken now, by whatever letter.
                let other = try await world.organization("other")
                let (_, next) = try await world.invited(
                    World.terms("bob@acme.test"), to: other)
                let nextView = try #require(try await world.view(next))
                let taken = try await world.answer.createAccount(
                    name: "", password: "teapot gravel unicorn 41", nextView,
                    at: world.acme, on: World.occasion())
                guard case .taken = taken else { throw Surprise() }
                // And an invitation that is over makes no account.
                let over = try await world.answer.createAccount(
                    name: "", password: "teapot gravel unicorn 41", again,
                    at: world.acme, on: World.occasion())
                guard case .over = over else { throw Surprise() }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-244: proves the address with the password, and with nothing less`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                try await world.verifyKay(
                    password: "teapot gravel unicorn 41", isVerified: false)
                let organization = try await world.organization()
                let (_, secret) = try await world.invited(World.terms(), to: organization)
                // A session that somebody else began in this browser, with an account that they
                // prepared.
                let prepared = try await world.signIn()
                #expect(try await world.accept(secret, as: prepared) == .notTheirs)
                let view = try #require(try await world.view(secret, in: prepared.browser))
                for (password, kind) in [("wrong password 12", "refused"), ("", "refused")] {
                    let entry = try await world.answer.signIn(
                        password: password, view, at: world.acme,
                        on: World.occasion())
                    #expect("\(entry)" == kind)
                }
                let kay = try await world.records { [kay = world.kay.id] in try $0.users.find(kay) }
                #expect(kay?.emailVerifiedAt == nil)
                let entry = try await world.answer.signIn(
                    password: "teapot gravel unicorn 41", view, at: world.acme,
                    on: World.occasion())
                guard case .entered(let signedIn) = entry else { throw Surprise() }
                let browser = Browser(
                    secret: Secret(for: .browser), sessions: signedIn.sessions)
                let proven = try #require(try await world.view(secret, in: browser)?.account)
                #expect(proven.user.emailVerifiedAt == World.start)
                let session = World.SignedIn(session: proven.session, browser: browser)
                #expect(try await world.accept(secret, as: session) == .joined)
            }
        }
    }
}

extension World {
    /// Has the tenant make no accounts for strangers.
    fileprivate func close() async throws {
        try await database.write { [acme] transaction in
            _ = try transaction.execute(
                "UPDATE tenant SET registration_open = 0 WHERE tenant_id = \(acme.id)")
        }
    }
}
