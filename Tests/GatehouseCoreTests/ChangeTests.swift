import GatehouseProtocol
import GatehouseSQL
import Testing

@testable import GatehouseCore

@Suite struct `A position among changes` {
    @Test func `comes back as it was told`() throws {
        let id = AccessChange.ID(at: World.start).text
        let position = ChangePosition(number: 7, id: id)
        #expect(ChangePosition(parsing: position.text) == position)
        #expect(ChangePosition(parsing: "0") == .beginning)
        #expect(ChangePosition.beginning < position)
        #expect(position < ChangePosition(number: 8, id: ""))
    }

    @Test(arguments: [
        "", "-", "1-", "-chg_01jz0000000000000000000000", "1-chg_", "00", "1", "+1-a", "-1-a",
        "01-chg_01jz0000000000000000000000", "1-usr_01jz0000000000000000000000",
        "99999999999999999999-chg_01jz0000000000000000000000",
        "1-chg_01jz0000000000000000000000 ", "1-chg_01jz0000000000000000000000-1",
        "\u{0661}-chg_01jz0000000000000000000000",
    ])
    func `is no other text`(text: String) {
        #expect(ChangePosition(parsing: text) == nil)
    }
}

extension UseCases {
    @Suite struct `What is told of changes` {
        private static func follower(_ world: World, _ client: Client) -> Follower {
            Follower(
                tenant: world.acme, issuer: world.issuer, clientID: client.id, tokenText: "none")
        }

        private static func feed(
            _ world: World, _ limits: ChangeFeed.Limits = .init()
        ) -> ChangeFeed {
            ChangeFeed(
                admission: FollowChanges(accessTokens: world.gatehouse.accessTokenVerifier),
                limits: limits)
        }

        private static func changes(_ world: World) async throws -> [RecordedChange] {
            // All that are written: how far they can be told depends on whoever else is busy.
            try await world.records {
                try $0.transaction.rows(
                    """
                    SELECT transaction_number, id, kind, user_id, known_to, organization_id,
                        client_id, grants, token_id, audience, occurred_at
                    FROM access_change WHERE tenant_id = \($0.tenantID)
                    ORDER BY transaction_number, id
                    """
                ).map(RecordedChange.init)
            }
        }

        private struct Unexpected: Error {}

        @Test(arguments: Backend.available)
        func `is as little as can be said`(backend: Backend) async throws {
            try await backend.withWorld { world in
                let (grant, session) = try await world.grant(to: world.web, Scope("openid"))
                let occasion = World.occasion(after: .seconds(1))
                let users = world.gatehouse.users
                // A new name is none of anybody's business, and neither is a session without grants.
                _ = try await users.update(
                    world.kay.id, password: nil, in: world.acme.id, on: occasion
                ) { $0.name = DisplayName(parsing: "K") }
                let lonely = try await world.signIn().session
                try await world.records { _ = try $0.end(lonely, on: occasion) }
                #expect(try await Self.changes(world).isEmpty)
                try await world.records { _ = try $0.end(session, on: occasion) }
                let told = try #require(try await Self.changes(world).first)
                #expect(told.kind == .session && told.grants == [grant.id.text])
                #expect(told.userID == nil && told.knownTo.isEmpty)
                _ = try await users.update(
                    world.kay.id, password: nil, in: world.acme.id, on: occasion
                ) { $0.disabledAt = occasion.now }
                let last = try #require(try await Self.changes(world).last)
                #expect(last.kind == .user && last.userID == world.kay.id)
                #expect(last.knownTo == [world.web.id])
            }
        }

        @Test(arguments: Backend.available)
        func `is kept as long as tokens last, and the latest for good`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                for number in 0..<3 {
                    try await world.records {
                        try $0.events.append(
                            Event(.grantRevoked, by: .system, of: "grant_\(number)"),
                            on: World.occasion(after: .hours(Int64(number))))
                    }
                }
                func left(after delay: Lifetime) async throws -> Int {
                    let job = RemoveExpired(database: world.database, holder: "a")
                    while try await job.run(at: World.start + delay) {}
                    return try await Self.changes(world).count
                }
                #expect(try await left(after: .hours(25)) == 3)
                #expect(try await left(after: .hours(26)) == 2)
                #expect(try await left(after: .days(9)) == 1)
                // Numbers go on from there: no position stands for two changes.
                let last = try #require(try await Self.changes(world).first?.position)
                try await world.records {
                    try $0.events.append(
                        Event(.grantRevoked, by: .system, of: "grant_4"),
                        on: World.occasion(after: .days(10)))
                }
                let new = try #require(try await Self.changes(world).last?.position)
                #expect(last < new)
            }
        }

        @Test(arguments: Backend.available)
        func `is not told to more than there is room for`(backend: Backend) async throws {
            try await backend.withWorld { world in
                var limits = ChangeFeed.Limits()
                (limits.followers, limits.followersOfClient) = (2, 1)
                let feed = Self.feed(world, limits)
                let first = try feed.begin(Self.follower(world, world.web))
                #expect(throws: ChangeFeed.Refusal.tooManyOfClient) {
                    try feed.begin(Self.follower(world, world.web))
                }
                var second: Following? = try feed.begin(Self.follower(world, world.phone))
                #expect(throws: ChangeFeed.Refusal.full) {
                    try feed.begin(Self.follower(world, world.phone))
                }
                #expect(second != nil)
                second = nil
                second = try feed.begin(Self.follower(world, world.phone))
                // Whoever has no token that counts is ended by the next look.
                _ = try await feed.read(at: World.start)
                let news = try await first.next(
                    after: .beginning, at: World.start, until: World.start + .seconds(9))
                guard case .over = news else { throw Unexpected() }
                feed.end()
                #expect(throws: ChangeFeed.Refusal.full) {
                    try feed.begin(Self.follower(world, world.web))
                }
            }
        }
    }
}
