import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

extension UseCases {
    @Suite struct `A client that is told of an answer` {
        private struct Asked: Sendable {
            let client: Client
            let id: BackchannelAuthentication.ID
            let authReqID: String
        }

        private static let token = "8d67dc78-7faa-4d41-aabd-67707b374255"
        private static let endpoint = "https://web.test/cb/ping"

        /// Has a client ask kay that wants to be told.
        private func ask(_ world: World, token: String? = token) async throws -> Asked {
            var client = try World.client("Call centre", .web)
            client.policies.allowsBackchannelAuthentication = true
            client.policies.tokenDelivery = .ping(
                try #require(OutboundAddress(parsing: Self.endpoint)))
            _ = try await world.gatehouse.clients.create(
                client, in: world.acme.id, on: World.occasion())
            let parameters =
                [("scope", "openid"), ("login_hint", "kay")]
                + (token.map { [("client_notification_token", $0)] } ?? [])
            let answer = try await world.gatehouse.beginBackchannelAuthentication.begin(
                BackchannelAuthenticationRequest(FormParameters(parameters)),
                by: client, of: world.acme, through: world.issuer, on: World.occasion())
            let questions = try await world.gatehouse.decideBackchannelAuthentication.questions(
                to: world.kay.id, at: world.acme, on: World.occasion())
            return Asked(
                client: client, id: try #require(questions.first).authentication.id,
                authReqID: answer.authReqID)
        }

        private func decide(
            _ world: World, _ asked: Asked, _ answer: DecideBackchannelAuthentication.Answer,
            from browser: Browser
        ) async throws -> Bool {
            try await world.gatehouse.decideBackchannelAuthentication.decide(
                .init(answer, to: asked.id), from: browser, at: world.acme,
                through: world.issuer, on: World.occasion(after: .seconds(2)))
        }

        /// Tries what is due, and returns how it went.
        private func deliver(
            _ world: World, after delay: Lifetime = .seconds(3)
        ) async throws -> [DeliveryFailure?] {
            let now = World.start + delay
            var outcomes: [DeliveryFailure?] = []
            for delivery in try await world.gatehouse.tellClients.claim(16, at: now) {
                let failure = await world.gatehouse.tellClients.attempt(delivery, at: now)
                try await world.gatehouse.tellClients.record(failure, of: delivery, at: now)
                outcomes.append(failure)
            }
            return outcomes
        }

        private func notification(_ world: World, _ asked: Asked) async throws -> [UInt8]? {
            try await world.records {
                try $0.backchannelAuthentications.find(asked.id)?.notification
            }
        }

        @Test(
            arguments: Backend.available,
            [DecideBackchannelAuthentication.Answer.allow, .deny])
        func `hears of it once, by its own token`(
            backend: Backend, answer: DecideBackchannelAuthentication.Answer
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let sealed = try #require(try await notification(world, asked))
                for secret in [Self.token, asked.authReqID] {
                    #expect(!String(decoding: sealed, as: UTF8.self).contains(secret))
                }
                #expect(try await deliver(world).isEmpty)
                let kay = try await world.signIn().browser
                #expect(try await decide(world, asked, answer, from: kay))
                #expect(try await !decide(world, asked, answer, from: kay))
                world.elsewhere.answer([], status: 204)
                #expect(try await deliver(world) == [nil])
                #expect(world.elsewhere.asked == [Self.endpoint])
                let posted = try #require(world.elsewhere.posted.first)
                #expect(posted.bearerToken?.revealed == Self.token)
                #expect(posted.mediaType.description == "application/json")
                #expect(
                    String(decoding: posted.bytes, as: UTF8.self)
                        == #"{"auth_req_id":"\#(asked.authReqID)"}"#)
                #expect(try await world.count(.backchannelPinged) == 1)
                // Nothing is kept of it, and nothing sent again.
                #expect(try await notification(world, asked) == nil)
                #expect(try await deliver(world, after: .minutes(4)).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `needs a token for that`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let code = try await refusal { try await ask(world, token: nil) }
                #expect(code == .invalidRequest)
            }
        }

        @Test(arguments: Backend.available, [400, 401, 403, 404, 503])
        func `is told again unless it refuses, as long as it is of use`(
            backend: Backend, status: Int
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let kay = try await world.signIn().browser
                #expect(try await decide(world, asked, .allow, from: kay))
                world.elsewhere.answer([], status: status)
                let isFinal = [400, 401, 403].contains(status)
                #expect(try await deliver(world) == [isFinal ? .refused : .status])
                #expect(try await deliver(world, after: .seconds(4)).isEmpty)
                let again = try await deliver(world, after: .seconds(5))
                #expect(again == (isFinal ? [] : [.status]))
                #expect(try await (notification(world, asked) == nil) == isFinal)
                let late = try await deliver(world, after: .minutes(5))
                #expect(late == (isFinal ? [] : [.expired]))
                #expect(try await notification(world, asked) == nil)
                #expect(world.elsewhere.posted.count == (isFinal ? 1 : 2))
                #expect(try await world.count(.backchannelPingFailed) == (isFinal ? 1 : 3))
            }
        }

        @Test(arguments: Backend.available, ["disabled", "polls now", "own address"])
        func `GH-361: is told nothing where it is not, and we tell nothing to ourselves`(
            backend: Backend, what: String
        ) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let kay = try await world.signIn().browser
                #expect(try await decide(world, asked, .allow, from: kay))
                let own = try #require(OutboundAddress(parsing: "https://id.test/ping"))
                _ = try await world.gatehouse.clients.update(
                    asked.client.id, in: world.acme.id, on: World.occasion()
                ) { client in
                    switch what {
                    case "disabled": client.disabledAt = World.start
                    case "own address": client.policies.tokenDelivery = .ping(own)
                    default: client.policies.tokenDelivery = .poll
                    }
                }
                let expected: DeliveryFailure =
                    what == "own address" ? .ownAddress : .unregistered
                #expect(try await deliver(world) == [expected])
                #expect(world.elsewhere.asked.isEmpty)
                #expect(try await notification(world, asked) == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `is told by one of those who want to`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let asked = try await ask(world)
                let kay = try await world.signIn().browser
                let decided = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for answer in [DecideBackchannelAuthentication.Answer.allow, .deny] {
                        for _ in 0..<4 {
                            group.addTask {
                                try await decide(world, asked, answer, from: kay)
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(decided == 1)
                let claims = try await withThrowingTaskGroup(of: [Delivery].self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try await world.gatehouse.tellClients.claim(
                                16, at: World.start + .seconds(3))
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claims.map(\.news) == [.ping(asked.id)])
            }
        }

        @Test func `has what is sealed for it opened for nothing else`() throws {
            let key = try #require(InstanceKey(World.key))
            let other = try #require(InstanceKey([UInt8](repeating: 8, count: 32)))
            let token = try #require(ClientNotificationToken(parsing: Self.token))
            let tenants = (Tenant.ID(at: World.start), Tenant.ID(at: World.start))
            let ids = (
                BackchannelAuthentication.ID(at: World.start),
                BackchannelAuthentication.ID(at: World.start)
            )
            let secret = Secret(for: .authenticationRequest)
            let sealed = try BackchannelNotification(of: secret, by: token)
                .sealed(for: ids.0, in: tenants.0, with: key)
            let opened = try BackchannelNotification(
                opening: sealed, of: ids.0, in: tenants.0, with: key)
            #expect(opened.authReqID == secret.revealed && opened.token == token)
            for (id, tenant, key) in [
                (ids.1, tenants.0, key), (ids.0, tenants.1, key), (ids.0, tenants.0, other),
            ] {
                #expect(throws: InstanceKeyError.wrongKey) {
                    try BackchannelNotification(opening: sealed, of: id, in: tenant, with: key)
                }
            }
        }
    }
}
