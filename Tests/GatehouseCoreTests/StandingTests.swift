import GatehouseCore
import GatehouseProtocol
import Testing

/// What one party of a standing may be like.
private enum Condition: CaseIterable {
    case notInvolved, alive, over, deleted

    var isObstacle: Bool { self == .over || self == .deleted }
}

@Suite struct `A standing` {
    private let now = World.start
    private let session: Session
    private let client: Client

    init() throws {
        session = Session(of: User.ID(at: now), by: [.password], at: now - .hours(1))
        client = try World.client("Web", .web)
    }

    private func party<Record: Sendable>(
        _ condition: Condition, alive: Record, over: Record
    ) -> Standing.Party<Record> {
        switch condition {
        case .notInvolved: .notInvolved
        case .alive: .involved(alive)
        case .over: .involved(over)
        case .deleted: .involved(nil)
        }
    }

    private func grant(at moment: Timestamp) -> Grant {
        Grant(
            to: client, scope: .identity, in: session, issuer: Issuer(stored: "https://id.test"),
            at: moment)
    }

    private func tenant(isDisabled: Bool) -> Tenant {
        var tenant = Tenant(
            slug: "acme", name: "Acme", registrationIsOpen: true, explainsErrors: false, at: now)
        tenant.disabledAt = isDisabled ? now : nil
        return tenant
    }

    private func standing(
        isDisabled: Bool, _ client: Condition, _ user: Condition, _ session: Condition,
        _ grant: Condition
    ) -> Standing {
        var standing = Standing(tenant: tenant(isDisabled: isDisabled))
        var disabled = self.client
        disabled.disabledAt = now
        let kay = User(name: nil, email: nil, username: nil, passwordHash: nil, at: now)
        var disabledKay = kay
        disabledKay.disabledAt = now
        standing.client = party(client, alive: self.client, over: disabled)
        standing.user = party(user, alive: kay, over: disabledKay)
        standing.session = party(
            session, alive: self.session,
            over: Session(of: kay.id, by: [.password], at: now - Session.idleLifetime))
        standing.grant = party(
            grant, alive: self.grant(at: now), over: self.grant(at: now - Grant.lifetime))
        return standing
    }

    private func obstacle(of standing: Standing) -> Standing.Obstacle? {
        do throws(Standing.Obstacle) {
            try mayAct(standing, at: now)
            return nil
        } catch {
            return error
        }
    }

    /// The first of the parties that stands in the way, in the order in which they are asked.
    private func expected(
        isDisabled: Bool, _ parties: [(Condition, Standing.Obstacle)]
    ) -> Standing.Obstacle? {
        isDisabled ? .tenantDisabled : parties.first { $0.0.isObstacle }?.1
    }

    @Test(arguments: [false, true])
    func `GH-116: lets act only if nobody in it is over, in every combination`(isDisabled: Bool) {
        var count = 0
        for client in Condition.allCases {
            for user in Condition.allCases {
                for session in Condition.allCases {
                    for grant in Condition.allCases {
                        let obstacle = obstacle(
                            of: standing(isDisabled: isDisabled, client, user, session, grant))
                        let expected = expected(
                            isDisabled: isDisabled,
                            [
                                (client, .clientGone), (user, .userGone), (session, .sessionOver),
                                (grant, .grantOver),
                            ])
                        #expect(obstacle == expected)
                        count += 1
                    }
                }
            }
        }
        #expect(count == 256)
    }

    @Test func `GH-193: ends to the millisecond`() {
        let moment = Timestamp(milliseconds: 1)
        let idle = moment + Session.idleLifetime
        let session = Session(of: User.ID(at: now), by: [], at: moment)
        #expect(session.isLive(at: moment))
        #expect(session.isLive(at: Timestamp(milliseconds: idle.milliseconds - 1)))
        #expect(!session.isLive(at: idle))
        #expect(!session.isLive(at: moment + Session.lifetime))
        #expect(!session.isLive(at: Timestamp(milliseconds: .max)))
    }

    @Test func `GH-509: does nothing once the organization does not let the person in`() {
        var standing = standing(isDisabled: false, .alive, .alive, .alive, .alive)
        #expect(obstacle(of: standing) == nil)
        standing.isLetIn = false
        #expect(obstacle(of: standing) == .notLetIn)
    }
}
