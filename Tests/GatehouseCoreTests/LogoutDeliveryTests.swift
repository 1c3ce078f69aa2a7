import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

extension UseCases {
    @Suite struct `The end of a session` {
        /// kay, signed in at the web client, which wants to hear of logouts.
        private func signedIn(
            _ world: World, scope: String = "openid", logout: Bool = true
        ) async throws -> World.SignedIn {
            if logout {
                let address = try #require(OutboundAddress(parsing: "https://web.test/logout"))
                _ = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { $0.policies.logout.backChannel = address }
            }
            let signedIn = try await world.signIn()
            try await redeem(world, from: signedIn.browser, scope: scope)
            return signedIn
        }

        private func redeem(
            _ world: World, from browser: Browser, scope: String = "openid"
        ) async throws {
            let outcome = try await world.authorize(
                world.web,
                [
                    ("scope", scope), ("code_challenge", World.challenge),
                    ("code_challenge_method", "S256"),
                ], from: browser)
            _ = try await world.redeem(
                try #require(try outcome.code), by: world.web, after: .seconds(0))
        }

        private func disable(_ world: World) async throws {
            _ = try await world.gatehouse.users.update(
                world.kay.id, password: nil, in: world.acme.id,
                on: World.occasion(after: .seconds(5))
            ) { $0.disabledAt = World.start }
        }

        private func claim(
            _ world: World, after delay: Lifetime = .seconds(5)
        ) async throws -> [Delivery] {
            try await world.gatehouse.tellClients.claim(16, at: World.start + delay)
        }

        /// Tries what is due, and returns how it went.
        @discardableResult
        private func deliver(
            _ world: World, after delay: Lifetime = .seconds(5)
        ) async throws -> [DeliveryFailure?] {
            var outcomes: [DeliveryFailure?] = []
            for delivery in try await claim(world, after: delay) {
                let failure = await world.gatehouse.tellClients.attempt(
                    delivery, at: World.start + delay)
                try await world.gatehouse.tellClients.record(
                    failure, of: delivery, at: World.start + delay)
                outcomes.append(failure)
            }
            return outcomes
        }

        @Test(arguments: Backend.available)
        func `GH-169: is told to the clients of the session by a token`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let session = try await signedIn(world).session
                world.elsewhere.answer([], type: "text/plain")
                try await disable(world)
                #expect(try await deliver(world) == [nil])
                #expect(world.elsewhere.asked == ["https://web.test/logout"])
                let posted = try #require(world.elsewhere.posted.first)
                #expect(posted.bearerToken == nil)
                let token = try #require(
                    try FormParameters(decoding: posted.bytes)["logout_token"])
                let keys = try await world.gatehouse.registry.publishedKeys(
                    of: world.acme.id, at: World.start)
                let payload = try UnverifiedJWS(parsing: token).verified(
                    by: keys.published, algorithms: [.es256], types: [.logoutToken])
                let claims = try JWTClaims(parsing: payload)
                #expect(try claims.string("sid") == session.id.text)
                #expect(try claims.string("sub") == world.kay.id.text)
                #expect(try claims.string("aud") == world.web.id.text)
                #expect(try claims.string("nonce") == nil)
                // It is no ID token, and names nobody who wants to sign out.
                #expect(IDTokenHint(token, keys: keys.published, at: World.start) == nil)
                #expect(try await world.count(.logoutDelivered) == 1)
                #expect(try await deliver(world, after: .days(1)).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `is told for each session that was alive, and not twice`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let first = try await signedIn(world)
                try await redeem(world, from: first.browser)
                _ = try await signedIn(world, logout: false)
                _ = try await signedIn(world, scope: "profile", logout: false)
                try await disable(world)
                try await disable(world)
                #expect(try await claim(world).count == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `is told also when the user is deleted`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await signedIn(world)
                world.elsewhere.answer([], type: "text/plain", status: 204)
                let occasion = World.occasion(after: .seconds(5))
                guard
                    case .deleted = try await world.gatehouse.users.delete(
                        world.kay.id, in: world.acme.id, on: occasion)
                else { throw Unexpected() }
                #expect(try await deliver(world) == [nil])
            }
        }

        @Test(arguments: Backend.available)
        func `is not told to clients that ask for nothing`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await signedIn(world, logout: false)
                try await disable(world)
                #expect(try await claim(world).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `is claimed by one of those who want to tell it`(backend: Backend) async throws {
            try await backend.withWorld { world in
                for _ in 0..<5 { _ = try await signedIn(world) }
                try await disable(world)
                let claims = try await withThrowingTaskGroup(of: [Delivery].self) { group in
                    for _ in 0..<8 { group.addTask { try await claim(world) } }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claims.count == 5)
                #expect(Set(claims.map(\.news)).count == 5)
                // What a dead node had claimed is claimed again, once its claim is over.
                #expect(try await claim(world, after: .seconds(24)).isEmpty)
                #expect(try await claim(world, after: .seconds(25)).count == 5)
                // Whoever comes back after that changes nothing.
                let late = try #require(claims.first)
                try await world.gatehouse.tellClients.record(
                    nil, of: late, at: World.start + .seconds(26))
                #expect(try await world.count(.logoutDelivered) == 0)
                #expect(try await claim(world, after: .seconds(45)).count == 5)
            }
        }

        @Test(arguments: Backend.available)
        func `is tried again until its time is over`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await signedIn(world)
                try await disable(world)
                world.elsewhere.answer([], type: "text/plain", status: 503)
                var now = World.start + .seconds(5)
                for attempt in 1...Delivery.mostAttempts {
                    #expect(try await world.count(.logoutFailed) == Int(attempt) - 1)
                    let delay = Lifetime.seconds(now.seconds - World.start.seconds)
                    #expect(try await deliver(world, after: delay) == [.status])
                    #expect(try await claim(world, after: delay).isEmpty)
                    now = now + Delivery.pause(after: attempt)
                }
                let event = try await world.records {
                    try $0.events.latest(9).first { $0.kind == "logout.failed" }
                }
                #expect(event?.detail.contains("\"reason\":\"status\",\"retry\":\"no\"") == true)
                #expect(try await deliver(world, after: .days(3)).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `is not told again to one who refuses the token`(backend: Backend) async throws {
            try await backend.withWorld { world in
                _ = try await signedIn(world)
                try await disable(world)
                world.elsewhere.answer([], type: "text/plain", status: 400)
                #expect(try await deliver(world) == [.refused])
                #expect(try await world.count(.logoutFailed) == 1)
                #expect(try await deliver(world, after: .days(1)).isEmpty)
            }
        }

        @Test(arguments: Backend.available, ["disabled", "address removed", "own address"])
        func `GH-361: is not told to nobody, nor to ourselves`(
            backend: Backend, what: String
        ) async throws {
            try await backend.withWorld { world in
                _ = try await signedIn(world)
                try await disable(world)
                let own = try #require(OutboundAddress(parsing: "https://id.test/logout"))
                _ = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { client in
                    switch what {
                    case "disabled": client.disabledAt = World.start
                    case "own address": client.policies.logout.backChannel = own
                    default: client.policies.logout.backChannel = nil
                    }
                }
                let expected: DeliveryFailure = what == "own address" ? .ownAddress : .unregistered
                #expect(try await deliver(world) == [expected])
                #expect(world.elsewhere.asked.isEmpty)
                #expect(try await world.count(.logoutFailed) == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `of somebody else in the same browser is told, too`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let signedIn = try await signedIn(world)
                guard
                    case .confirm(let confirmation) = try await world.gatehouse.signOut.begin(
                        EndSessionRequest(FormParameters([])), at: world.acme,
                        through: world.issuer, from: signedIn.browser, on: World.occasion())
                else { throw Unexpected() }
                _ = try await world.gatehouse.signOut.confirm(
                    confirmation.request, formToken: confirmation.formToken, at: world.acme,
                    through: world.issuer, from: signedIn.browser, on: World.occasion())
                #expect(try await claim(world).map(\.news) == [.logout(signedIn.session.id)])
            }
        }

        @Test(arguments: Backend.available)
        func `leads the browser past the pages of clients`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let uri = try FrontChannelLogoutURI(registering: "https://web.test/bye?a=b")
                _ = try await world.gatehouse.clients.update(
                    world.web.id, in: world.acme.id, on: World.occasion()
                ) { $0.policies.logout.frontChannel = uri }
                let signedIn = try await signedIn(world, logout: false)
                guard
                    case .confirm(let confirmation) = try await world.gatehouse.signOut.begin(
                        EndSessionRequest(FormParameters([])), at: world.acme,
                        through: world.issuer, from: signedIn.browser, on: World.occasion()),
                    case .signedOut(let farewell)? = try await world.gatehouse.signOut.confirm(
                        confirmation.request, formToken: confirmation.formToken, at: world.acme,
                        through: world.issuer, from: signedIn.browser, on: World.occasion())
                else { throw Unexpected() }
                let url = "https://web.test/bye?a=b&iss=https%3A%2F%2Fid.test%2Ft%2Facme&sid="
                #expect(farewell.frames.map(\.url) == [url + signedIn.session.id.text])
            }
        }
        private struct Unexpected: Error {}
    }
}

@Suite struct `The waiting of a delivery` {
    @Test func `grows, and ends`() {
        let pauses = (1...Delivery.mostAttempts).map(Delivery.pause(after:))
        #expect(pauses.first == .seconds(2))
        #expect(pauses == pauses.sorted())
        #expect(pauses.last == .hours(4))
        #expect(Delivery.pause(after: 0) == .seconds(2))
        #expect(Delivery.pause(after: .max) == .hours(4))
    }

    @Test(arguments: OutboundFailure.allCases)
    func `counts only what was sent`(failure: OutboundFailure) {
        let isPostponed = failure == .busy || failure == .recentlyFailed
        #expect(DeliveryFailure(failure).isTemporary)
        #expect(DeliveryFailure(failure).isPostponed == isPostponed)
    }
}
