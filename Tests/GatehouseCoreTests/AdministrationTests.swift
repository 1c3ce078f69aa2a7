import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `An admin link` {
        @Test(arguments: Backend.available)
        func `GH-197: works once, and only the newest`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let links = world.gatehouse.adminLink
                let old = try await links.issue(on: World.occasion())
                let new = try await links.issue(on: World.occasion(after: .seconds(1)))
                let occasion = World.occasion(after: .seconds(2))
                #expect(try await links.remainingLifetime(of: old, at: occasion.now) == nil)
                #expect(try await links.use(old, on: occasion) == nil)
                for _ in 0..<3 {
                    #expect(try await links.remainingLifetime(of: new, at: occasion.now) != nil)
                }
                let cookie = try #require(try await links.use(new, on: occasion))
                #expect(try await links.remainingLifetime(of: new, at: occasion.now) == nil)
                #expect(try await links.use(new, on: occasion) == nil)
                #expect(try await administrator(world, cookie) == "Administrator")
                try await links.signOut(cookie, on: occasion)
                #expect(try await administrator(world, cookie) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `works for a quarter of an hour`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let links = world.gatehouse.adminLink
                let link = try await links.issue(on: World.occasion())
                let end = World.start + AdminLink.lifetime
                let rest = try await links.remainingLifetime(of: link, at: end - .seconds(1))
                #expect(rest == .seconds(1))
                #expect(try await links.remainingLifetime(of: link, at: end) == nil)
                #expect(try await links.use(link, on: World.occasion(after: .minutes(15))) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-179: is no session, and nothing else is a link`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let links = world.gatehouse.adminLink
                let link = try await links.issue(on: World.occasion())
                #expect(try await administrator(world, link) == nil)
                let kays = try await world.signIn().browser.session
                #expect(try await administrator(world, kays) == nil)
                #expect(try await administrator(world, nil) == nil)
                for purpose in [Secret.Purpose.adminLink, .session, .authorizationCode] {
                    let other = Secret(for: purpose)
                    #expect(try await links.use(other, on: World.occasion()) == nil)
                }
                #expect(try await links.use(link, on: World.occasion()) != nil)
            }
        }

        /// Whom the cookie lets into the administration.
        private func administrator(_ world: World, _ cookie: Secret?) async throws -> String? {
            let visit = try await world.gatehouse.portalVisits.find(
                cookie, at: World.start + .seconds(3))
            if let visit {
                #expect(visit.administrator.standings == [.init(.owner, of: .installation)])
                #expect(visit.isFresh(at: World.start + .seconds(3)))
                #expect(!visit.isFresh(at: World.start + PortalVisit.freshness + .seconds(3)))
            }
            return visit?.user.displayName
        }
    }

    @Suite struct `Changing a user` {
        private func update(
            _ world: World, password: String? = nil,
            _ change: @escaping @Sendable (inout User) -> Void = { _ in }
        ) async throws -> AdministerUsers.Change {
            try await world.gatehouse.users.update(
                world.kay.id, password: password.flatMap(Password.init(presented:)),
                in: world.acme.id, on: World.occasion(after: .seconds(1)), change)
        }

        @Test(arguments: Backend.available, [true, false])
        func `GH-082: ends sessions and grants with the password, or when disabled`(
            backend: Backend, hasPassword: Bool
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let signedIn = try await world.signIn()
                if hasPassword {
                    _ = try await update(world, password: "velvet orbit")
                } else {
                    _ = try await update(world) { $0.disabledAt = World.start }
                }
                #expect(try await world.isRevoked(grant))
                let session = try await world.records {
                    try $0.sessions.find(signedIn.session.id)
                }
                #expect(session?.endedAt != nil)
                let error = try await refusal { try await world.refresh(token, by: world.phone) }
                #expect(error == .invalidGrant)
                #expect(try await world.count(.passwordChanged) == (hasPassword ? 1 : 0))
            }
        }

        @Test(arguments: Backend.available)
        func `leaves sessions and grants alone otherwise`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.phone)
                guard
                    case .changed(let user) = try await update(
                        world,
                        { user in
                            user.name = DisplayName(parsing: "Kay Miller")
                        })
                else { throw Unexpected() }
                #expect(user.displayName == "Kay Miller")
                #expect(user.updatedAt == World.start + .seconds(1))
                #expect(try await !world.isRevoked(grant))
                _ = try await world.refresh(token, by: world.phone)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-187: gives nobody another's name in any spelling`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let ada = User(
                    name: nil, email: EmailAddress(parsing: "ada@acme.test"),
                    username: Username(parsing: "ada"), passwordHash: nil, at: World.start)
                let users = world.gatehouse.users
                let made = try await users.create(
                    ada, password: nil, in: world.acme.id, on: World.occasion())
                #expect(made != nil)
                for change in [
                    { @Sendable (user: inout User) in user.username = Username(parsing: "ADA") },
                    { @Sendable (user: inout User) in
                        user.email = EmailAddress(parsing: "Ada@ACME.test")
                    },
                ] {
                    guard case .taken = try await update(world, change) else { throw Unexpected() }
                }
                let copies = [("kay", "x@acme.test"), ("x1", "KAY@acme.test")]
                for (username, email) in copies {
                    let copy = User(
                        name: nil, email: EmailAddress(parsing: email),
                        username: Username(parsing: username), passwordHash: nil, at: World.start)
                    #expect(
                        try await users.create(
                            copy, password: nil, in: world.acme.id, on: World.occasion()) == nil)
                }
                let name = try #require(SignInName(parsing: "kay"))
                #expect(try await users.find(name, in: world.acme.id)?.id == world.kay.id)
                #expect(try await users.find(name, in: world.umbra.id) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `that is not there changes nothing`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let nobody = User.ID(at: World.start)
                guard
                    case .notFound = try await world.gatehouse.users.update(
                        nobody, password: nil, in: world.acme.id, on: World.occasion(), { _ in })
                else { throw Unexpected() }
                guard
                    case .notFound = try await world.gatehouse.users.delete(
                        nobody, in: world.acme.id, on: World.occasion())
                else { throw Unexpected() }
                #expect(try await world.count(.userUpdated) == 0)
                #expect(try await world.count(.userDeleted) == 0)
            }
        }

        private struct Unexpected: Error {}
    }

    @Suite struct `A tenant` {
        @Test(arguments: Backend.available)
        func `is made with keys, once for each slug, and deleted with all it holds`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                func make() async throws -> Tenant? {
                    let tenant = Tenant(
                        slug: "initech", name: "Initech", registrationIsOpen: false,
                        explainsErrors: false, at: World.start)
                    return try await world.gatehouse.tenants.create(
                        tenant, on: World.occasion())
                }
                let tenant = try #require(try await make())
                #expect(try await make() == nil)
                let keys = try await world.gatehouse.registry.keys(of: tenant.id, at: World.start)
                #expect(keys.algorithms == [.rs256, .es256])
                let before = try await world.gatehouse.users.list(
                    in: world.acme.id, after: nil, limit: 9)
                #expect(try await world.gatehouse.tenants.delete("initech", on: World.occasion()))
                #expect(try await world.gatehouse.tenants.find("initech") == nil)
                #expect(try await !world.gatehouse.tenants.delete("initech", on: World.occasion()))
                let after = try await world.gatehouse.users.list(
                    in: world.acme.id, after: nil, limit: 9)
                #expect(after.map(\.id) == before.map(\.id))
            }
        }

        @Test(arguments: Backend.available)
        func `with users, clients and tokens can be deleted`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await world.code(for: world.web)
                _ = try await world.refreshToken(for: world.phone)
                #expect(try await world.gatehouse.tenants.delete("acme", on: World.occasion()))
                let counts = try await world.records { records in
                    (try records.users.count(), try records.clients.count())
                }
                #expect(counts == (0, 0))
                #expect(try await world.count(.tenantDeleted) == 1)
            }
        }
    }
}
