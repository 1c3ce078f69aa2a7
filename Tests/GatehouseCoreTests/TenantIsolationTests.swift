import GatehouseCore
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    /// What one tenant has does not exist for another, whatever is asked for by its very name.
    @Suite struct `A neighbour` {
        /// What the neighbour found or changed of the things that it looked for.
        ///
        /// The names are returned, since an expectation inside a transaction would not be known to
        /// belong to its test.
        private func found(
            _ world: World, _ look: @escaping @Sendable (TenantRecords) throws -> [String: Bool]
        ) async throws -> [String] {
            try await world.database.write { try look($0.records(of: world.umbra.id)) }
                .filter(\.value).map(\.key)
        }

        @Test(arguments: Backend.available)
        func `sees no user, client or secret`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (kay, web) = (world.kay, world.web)
                let email = try #require(kay.email)
                let username = try #require(kay.username)
                let found = try await found(world) { records in
                    try [
                        "user": records.users.find(kay.id) != nil,
                        "user by address": records.users.find(.email(email)) != nil,
                        "user by name": records.users.find(.username(username)) != nil,
                        "users": !records.users.list(after: nil, limit: 9).isEmpty,
                        "number of users": records.users.count() != 0,
                        "name that is taken": records.users.isTaken(
                            email: email, username: username, by: User.ID(at: World.start)),
                        "client": records.clients.find(web.id) != nil,
                        "clients": !records.clients.all().isEmpty,
                        "number of clients": records.clients.count() != 0,
                        "secrets": !records.clients.secrets(of: web.id).isEmpty,
                        "events": !records.events.latest(1_000).isEmpty,
                    ]
                }
                #expect(found.isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `changes no user, client or secret`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (kay, web) = (world.kay, world.web)
                let secret = try #require(
                    try await world.records { try $0.clients.secrets(of: web.id).first })
                let changed = try await found(world) { records in
                    var renamed = kay
                    renamed.name = DisplayName(parsing: "Mallory")
                    try records.users.update(renamed)
                    var moved = web
                    moved.redirectURIs = []
                    try records.clients.update(moved)
                    try records.clients.touchSecret(secret.id, at: World.start)
                    return try [
                        "hold on the user": records.users.hold(kay.id),
                        "hold on the client": records.clients.hold(web.id),
                        "user": records.users.delete(kay.id),
                        "secret": records.clients.removeSecret(secret.id, of: web.id),
                        "client": records.clients.delete(web.id),
                    ]
                }
                #expect(changed.isEmpty)
                let (user, client, secrets) = try await world.records { records in
                    try (
                        records.users.find(kay.id), records.clients.find(web.id),
                        records.clients.secrets(of: web.id)
                    )
                }
                #expect(user?.name == kay.name)
                #expect(client?.redirectURIs == web.redirectURIs)
                #expect(secrets.count == 1 && secrets.first?.lastUsedAt == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `sees and changes no session`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let signedIn = try await world.signIn()
                let grant = Grant(
                    to: world.web, scope: .identity, in: signedIn.session, issuer: world.issuer,
                    at: World.start)
                try await world.records { try $0.sessionClients.note(grant, at: World.start) }
                let (session, kay) = (signedIn.session.id, world.kay.id)
                let digest = try #require(signedIn.browser.session).digest
                let now = World.start
                let found = try await found(world) { records in
                    try records.sessions.endAll(of: kay, at: now)
                    return try [
                        "session": records.sessions.find(session) != nil,
                        "session by secret": records.sessions.find(digest) != nil,
                        "use": records.sessions.touch(session, at: now).changedOne(),
                        "renewal": records.sessions.renew(
                            session, digest: digest, methods: [], admitted: .free, at: now),
                        "end": records.sessions.end(session, at: now),
                        "live sessions": !records.sessions.live(of: kay, at: now).isEmpty,
                        "clients": !records.sessionClients.all(of: session).isEmpty,
                    ]
                }
                #expect(found.isEmpty)
                let kept = try #require(try await world.records { try $0.sessions.find(digest) })
                #expect(kept.endedAt == nil && kept.authenticationMethods == [.password])
            }
        }

        @Test(arguments: Backend.available)
        func `sees and changes no grant or interaction`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (grant, _) = try await world.grant(to: world.web, Scope("openid"))
                let outcome = try await world.authorize(
                    world.web,
                    [("code_challenge", World.challenge), ("code_challenge_method", "S256")],
                    from: Browser(secret: nil, session: nil))
                guard case .interact(let begun, _) = outcome else { throw Unexpected() }
                let interaction = begun.id
                let (kay, now) = (world.kay.id, World.start)
                let found = try await found(world) { records in
                    try records.grants.revokeAll(of: kay, at: now)
                    try records.grants.extend(grant.id, to: now)
                    try records.grants.revokeOnline(ofSession: grant.sessionID, at: now)
                    try records.interactions.chooseAccount(interaction, grant.sessionID, at: now)
                    try records.interactions.finish(interaction, at: now)
                    return try [
                        "grant": records.grants.find(grant.id) != nil,
                        "use": records.grants.touch(grant.id, at: now).changedOne(),
                        "revocation": records.grants.revoke(grant.id, at: now),
                        "clients": !records.clients.all(ofSession: grant.sessionID).isEmpty,
                        "interaction": records.interactions.find(interaction) != nil,
                    ]
                }
                #expect(found.isEmpty)
                #expect(try await !world.isRevoked(grant))
                let kept = try await world.records { try $0.interactions.find(interaction) }
                #expect(try #require(kept).accountChosenAt == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `sees and spends no code, token or key`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await world.code(for: world.web).secret
                let (token, grant) = try await world.refreshToken(for: world.phone)
                let next = world.gatehouse.instanceKey.successor(of: token, in: world.acme.id)
                let key = try #require(
                    try await world.gatehouse.keys.list(of: world.acme.id).first)
                let now = World.start
                try await world.records {
                    _ = try $0.revokedAccessTokens.insert("at_1", until: now)
                }
                let found = try await found(world) { records in
                    try records.oneTimeSecrets.consumeAll(
                        .authorizationCode, of: world.kay.id, at: now)
                    try records.signingKeys.retire(.es256, except: "", at: now)
                    return try [
                        "code": records.oneTimeSecrets.find(code) != nil,
                        "use of the code": records.oneTimeSecrets.claim(code, at: now)
                            .changedOne(),
                        "token": records.refreshTokens.find(token.digest) != nil,
                        "use of the token": records.refreshTokens.claim(
                            token.digest, successor: next.digest, at: now, leeway: .seconds(10))
                            != .reuse,
                        "longer token": records.refreshTokens.extend(token.digest, to: now),
                        "live tokens": records.refreshTokens.countLive(of: grant.id, at: now) != 0,
                        "revoked token": records.revokedAccessTokens.contains("at_1"),
                        "keys": !records.signingKeys.all().isEmpty,
                        "deleted key": records.signingKeys.delete(key.id),
                    ]
                }
                #expect(found.isEmpty)
                _ = try await world.redeem(code, by: world.web)
                _ = try await world.refresh(token, by: world.phone, after: .days(1))
            }
        }

        @Test(arguments: Backend.available)
        func `GH-002: knows no client, session or hint of another`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let browser = try await world.signIn().browser
                let form = FormParameters([
                    ("response_type", "code"), ("client_id", world.web.id.text),
                    ("redirect_uri", World.callback),
                ])
                let outcome = try await world.gatehouse.authorize.begin(
                    form, at: world.umbra, through: world.issuer, from: browser,
                    on: World.occasion())
                guard case .refused(let refusal) = outcome else { throw Unexpected() }
                #expect(refusal.rule == .unknownClient && refusal.registered.isEmpty)
                let current = try await world.gatehouse.signOut.accounts(
                    in: browser, at: world.umbra, on: World.occasion())
                #expect(current.isEmpty)
                let mine = try await world.gatehouse.signOut.accounts(
                    in: browser, at: world.acme, on: World.occasion())
                #expect(mine.map(\.user.id) == [world.kay.id])
            }
        }

        private struct Unexpected: Error {}
    }
}
