import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `An approval by an app` {
        private struct Asked: Sendable {
            let id: BackchannelAuthentication.ID
            let app: Client
            let token: String
            let session: Session
        }

        /// Has a client ask kay, who has an app that may answer.
        private func ask(
            _ world: World, audience: String? = nil, scope: String = "openid approvals"
        ) async throws -> Asked {
            var client = try World.client("Call centre", .web)
            client.policies.allowsBackchannelAuthentication = true
            var app = try World.client("Kay's app", .web)
            app.scope = Scope("openid", "approvals", "offline_access")
            app.policies.audience = audience ?? world.issuer.text
            for one in [client, app] {
                _ = try await world.gatehouse.clients.create(
                    one, in: world.acme.id, on: World.occasion())
            }
            _ = try await world.gatehouse.beginBackchannelAuthentication.begin(
                BackchannelAuthenticationRequest(
                    FormParameters([("scope", "openid"), ("login_hint", "kay")])),
                by: client, of: world.acme, through: world.issuer, on: World.occasion())
            let signedIn = try await world.signIn()
            let outcome = try await world.authorize(
                app,
                [
                    ("scope", scope), ("code_challenge", World.challenge),
                    ("code_challenge_method", "S256"),
                ], from: signedIn.browser)
            let tokens = try await world.redeem(try #require(try outcome.code), by: app)
            let questions = try await world.gatehouse.decideBackchannelAuthentication.questions(
                to: world.kay.id, at: world.acme, on: World.occasion())
            return Asked(
                id: try #require(questions.first).authentication.id, app: app,
                token: tokens.accessToken, session: signedIn.session)
        }

        private func admit(
            _ world: World, _ asked: Asked, after delay: Lifetime = .seconds(2)
        ) async throws -> Admission {
            try await world.gatehouse.approveByToken.admit(
                .bearer(asked.token),
                ProofPresentation(
                    proofs: [], method: "GET",
                    target: TargetURI(of: world.issuer, path: "/bc-approvals")),
                of: world.acme, through: world.issuer, at: World.start + delay)
        }

        private func decide(
            _ world: World, _ asked: Asked, _ answer: DecideBackchannelAuthentication.Answer,
            by admission: Admission
        ) async throws -> ApproveByToken.Outcome {
            try await world.gatehouse.approveByToken.decide(
                .init(answer, to: asked.id), by: admission,
                on: World.occasion(after: .seconds(3)))
        }

        @Test(arguments: Backend.available)
        func `counts once, and says through which app`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let admission = try await admit(world, asked)
                let questions = try await world.gatehouse.approveByToken.questions(
                    to: admission, on: World.occasion(after: .seconds(2)))
                #expect(questions.map(\.authentication.id) == [asked.id])
                #expect(try await decide(world, asked, .allow, by: admission) == .decided)
                for answer in [DecideBackchannelAuthentication.Answer.allow, .deny] {
                    #expect(
                        try await decide(world, asked, answer, by: admission) == .decidedBefore)
                }
                let event = try await world.records {
                    try $0.events.latest(9).first {
                        $0.kind == "backchannel_authentication.allowed"
                    }
                }
                #expect(event?.actor == world.kay.id.text)
                #expect(event?.detail.contains(asked.app.id.text) == true)
                let grant = try await world.records { records in
                    try records.backchannelAuthentications.find(asked.id)?.grantID
                        .flatMap(records.grants.find)
                }
                #expect(grant?.sessionID == asked.session.id)
            }
        }

        @Test(arguments: Backend.available)
        func `and one on the page at the same moment make one decision`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let admission = try await admit(world, asked)
                let browser = try await world.signIn().browser
                let decided = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await decide(world, asked, .deny, by: admission) == .decided
                        }
                        group.addTask {
                            try await world.gatehouse.decideBackchannelAuthentication.decide(
                                .init(.allow, to: asked.id), from: browser, at: world.acme,
                                through: world.issuer, on: World.occasion(after: .seconds(3)))
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(decided == 1)
                let noted =
                    try await world.count(.backchannelAllowed)
                    + world.count(.backchannelDenied)
                #expect(noted == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `needs a token for this issuer, of a session that goes on`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let elsewhere = try await ask(world, audience: "https://api.test")
                #expect(
                    try await refusal { try await admit(world, elsewhere) } == .invalidToken)
            }
            try await backend.withWorld { world in
                let narrow = try await ask(world, scope: "openid")
                #expect(
                    try await refusal { try await admit(world, narrow) } == .insufficientScope)
            }
            try await backend.withWorld { world in
                let asked = try await ask(world, scope: "openid approvals offline_access")
                let admission = try await admit(world, asked)
                try await world.records {
                    _ = try $0.end(asked.session, on: World.occasion(after: .seconds(2)))
                }
                #expect(try await refusal { try await admit(world, asked) } == .invalidToken)
                // Whoever came in a moment before does not get through, either.
                #expect(try await decide(world, asked, .allow, by: admission) == .unknown)
                #expect(try await world.count(.backchannelAllowed) == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `is not given with a grant that was revoked meanwhile`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let admission = try await admit(world, asked)
                try await world.records {
                    _ = try $0.grants.revoke(admission.grant.id, at: World.start + .seconds(2))
                }
                let code = try await refusal {
                    try await decide(world, asked, .allow, by: admission)
                }
                #expect(code == .invalidToken)
            }
        }

        @Test(arguments: Backend.available)
        func `is not given by the client that asks`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                _ = try await world.gatehouse.clients.update(
                    asked.app.id, in: world.acme.id, on: World.occasion()
                ) { $0.policies.allowsBackchannelAuthentication = true }
                var app = asked.app
                app.policies.allowsBackchannelAuthentication = true
                _ = try await world.gatehouse.beginBackchannelAuthentication.begin(
                    BackchannelAuthenticationRequest(
                        FormParameters([("scope", "openid"), ("login_hint", "kay")])),
                    by: app, of: world.acme, through: world.issuer,
                    on: World.occasion(after: .seconds(1)))
                let all = try await world.gatehouse.decideBackchannelAuthentication.questions(
                    to: world.kay.id, at: world.acme, on: World.occasion(after: .seconds(1)))
                let own = try #require(all.first { $0.client.id == app.id })
                let admission = try await admit(world, asked)
                let seen = try await world.gatehouse.approveByToken.questions(
                    to: admission, on: World.occasion(after: .seconds(2)))
                #expect(all.count == 2 && seen.map(\.authentication.id) == [asked.id])
                let outcome = try await world.gatehouse.approveByToken.decide(
                    .init(.allow, to: own.authentication.id), by: admission,
                    on: World.occasion(after: .seconds(3)))
                #expect(outcome == .unknown)
            }
        }
    }
}
