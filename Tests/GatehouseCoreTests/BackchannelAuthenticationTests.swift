import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `A backchannel authentication` {
        private struct Asked: Sendable {
            let client: Client
            let id: BackchannelAuthentication.ID
            let secret: Secret
        }

        /// Has a client ask kay.
        private func ask(_ world: World) async throws -> Asked {
            var client = try World.client("Call centre", .web)
            client.policies.allowsBackchannelAuthentication = true
            _ = try await world.gatehouse.clients.create(
                client, in: world.acme.id, on: World.occasion())
            let answer = try await world.gatehouse.beginBackchannelAuthentication.begin(
                BackchannelAuthenticationRequest(
                    FormParameters([("scope", "openid"), ("login_hint", "kay")])),
                by: client, of: world.acme, through: world.issuer, on: World.occasion())
            let questions = try await world.gatehouse.decideBackchannelAuthentication.questions(
                to: world.kay.id, at: world.acme, on: World.occasion())
            return Asked(
                client: client, id: try #require(questions.first).authentication.id,
                secret: try #require(Secret(answer.authReqID, for: .authenticationRequest)))
        }

        private func poll(
            _ world: World, _ asked: Asked, after delay: Lifetime
        ) async throws -> OAuthError.Code? {
            try await refusal {
                try await world.gatehouse.cibaGrant.redeem(
                    CIBARequest(authReqID: asked.secret.revealed), by: asked.client,
                    of: world.acme, through: world.issuer, on: World.occasion(after: delay))
            }
        }

        @Test(arguments: Backend.available)
        func `is waited for, and slower by those who do not wait`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                for (delay, code) in [
                    (0, .authorizationPending), (5, .authorizationPending), (6, .slowDown),
                    (12, .slowDown), (27, .authorizationPending), (300, .expiredToken),
                    (1, .expiredToken),
                ] as [(Int64, OAuthError.Code)] {
                    #expect(try await poll(world, asked, after: .seconds(delay)) == code)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `is allowed by nobody but the person, in time`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let kay = try await world.signIn().browser
                let decisions = world.gatehouse.decideBackchannelAuthentication
                func decide(
                    _ browser: Browser, at tenant: Tenant, after delay: Lifetime = .seconds(2)
                ) async throws -> Bool {
                    try await decisions.decide(
                        .init(.allow, to: asked.id), from: browser, at: tenant,
                        through: world.issuer,
                        on: World.occasion(after: delay))
                }
                let stranger = Browser(secret: kay.secret, session: Secret(for: .session))
                #expect(try await !decide(stranger, at: world.acme))
                #expect(try await !decide(kay, at: world.umbra))
                #expect(try await !decide(kay, at: world.acme, after: .minutes(5)))
                #expect(try await decide(kay, at: world.acme))
                #expect(try await !decide(kay, at: world.acme))
                #expect(try await poll(world, asked, after: .seconds(3)) == nil)
                #expect(try await poll(world, asked, after: .seconds(9)) == .invalidGrant)
            }
        }

        @Test(arguments: Backend.available)
        func `is allowed by an operator only where the person is signed in`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let decisions = world.gatehouse.decideBackchannelAuthentication
                let occasion = World.occasion(after: .seconds(2))
                #expect(
                    try await !decisions.decide(
                        .init(.allow, to: asked.id), at: world.acme, on: occasion))
                let session = try await world.signIn().session
                #expect(
                    try await decisions.decide(
                        .init(.allow, to: asked.id), at: world.acme, on: occasion))
                let grant = try await world.records { records in
                    try records.backchannelAuthentications.find(asked.id)?.grantID
                        .flatMap(records.grants.find)
                }
                #expect(grant?.sessionID == session.id)
            }
        }
    }
}
