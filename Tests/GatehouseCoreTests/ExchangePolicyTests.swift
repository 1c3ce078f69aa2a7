import GatehouseProtocol
import Testing

@testable import GatehouseCore

@Suite struct `An exchange policy` {
    private static let now = Timestamp(seconds: 1_700_000_000)
    private static let stock = ResourceIndicator("https://stock.test")
    private static let books = ResourceIndicator("https://books.test")

    private let app = Client.ID(at: now)

    private func client() throws -> Client {
        Client(name: try #require(DisplayName(parsing: "Orders")), kind: .machine, at: Self.now)
    }

    private func rule(
        _ mode: ExchangeRule.Mode = .delegation, _ change: (inout ExchangeRule) -> Void = { _ in }
    ) throws -> ExchangeRule {
        var rule = ExchangeRule(mode, for: [try #require(Self.stock)])
        change(&rule)
        return rule
    }

    private func subject(
        type: TokenTypeIdentifier = .accessToken, isForClient: Bool = true,
        scope: Scope = Scope("a", "b", "offline_access"), actors: ActorChain? = nil,
        mayAct: String? = nil
    ) throws -> ExchangeSubject {
        let session = Session(of: User.ID(at: Self.now), by: [.password], at: Self.now)
        var client = try client()
        client.scope = scope
        let grant = Grant(
            to: client, scope: scope, in: session, issuer: Issuer(stored: "https://id.test"),
            at: Self.now)
        return ExchangeSubject(
            type: type, issuedTo: app, audience: ["https://orders.test"],
            isForClient: isForClient, scope: scope, expiresAt: Self.now + .minutes(5),
            confirmation: nil, actors: actors, mayAct: mayAct,
            grant: grant,
            user: User(name: nil, email: nil, username: nil, passwordHash: nil, at: Self.now))
    }

    private func decide(
        _ rules: [ExchangeRule], _ subject: ExchangeSubject, by client: Client,
        _ more: [(String, String)] = []
    ) throws -> Result<ExchangeDecision, ExchangeDecision.Refusal> {
        let access = "urn:ietf:params:oauth:token-type:access_token"
        let form = FormParameters(
            [
                ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
                ("subject_token", "x"), ("subject_token_type", access),
            ] + more)
        guard case .tokenExchange(let request) = try TokenRequest(form, proof: nil) else {
            throw Unexpected()
        }
        let policies = rules.map { ExchangePolicy(for: client.id, $0, at: Self.now) }
        return Result { () throws(ExchangeDecision.Refusal) in
            try ExchangeDecision(
                request, subject, by: client, as: Actor(subject: client.id.text),
                under: policies)
        }
    }

    @Test func `GH-362: covers what is for the client, or what it names`() throws {
        #expect(try rule().covers(subject()))
        #expect(try !rule().covers(subject(isForClient: false)))
        for (change, covers) in [
            ({ $0.issuedTo = [app] }, true), ({ $0.issuedTo = [Client.ID(at: Self.now)] }, false),
            ({ $0.audiences = ["https://orders.test"] }, true),
            ({ $0.audiences = ["https://orders.test/"] }, false),
            ({ ($0.issuedTo, $0.audiences) = ([app], ["x"]) }, false),
        ] as [((inout ExchangeRule) -> Void, Bool)] {
            #expect(try rule(.delegation, change).covers(subject(isForClient: false)) == covers)
        }
        #expect(try !rule().covers(subject(type: .idToken)))
        #expect(try rule(.delegation) { $0.acceptsIDTokens = true }.covers(subject(type: .idToken)))
    }

    @Test func `is for the resources that it names`() throws {
        let (stock, books) = (try #require(Self.stock), try #require(Self.books))
        #expect(try rule().targets([]) == [stock])
        #expect(try rule().targets([stock]) == [stock])
        #expect(try rule().targets([stock, books]) == nil)
        let both = try rule(.delegation) { $0.resources = [stock, books] }
        #expect(both.targets([]) == nil && both.targets([books, stock]) == [books, stock])
    }

    @Test func `GH-365: lets a client pass for somebody only where it says so`() throws {
        let client = try client()
        let impersonation = try rule(.impersonation)
        let actor = [
            ("actor_token", "y"),
            ("actor_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ]
        guard
            case .success(let alone) = try decide([impersonation], subject(), by: client),
            case .failure(let refused) = try decide([impersonation], subject(), by: client, actor),
            case .success(let both) = try decide([impersonation, rule()], subject(), by: client)
        else { throw Unexpected() }
        #expect(alone.policy.rule.mode == .impersonation && both.policy.rule.mode == .delegation)
        #expect(refused.reason == "policy" && refused.error.code == .invalidRequest)
        #expect(both.actors.actors == [Actor(subject: client.id.text)])
        // Who acted before is not left out.
        let hiding = try rule(.impersonation) { $0.namesActor = false }
        #expect(try hiding.covers(subject()))
        #expect(try !hiding.covers(subject(actors: ActorChain(Actor(subject: "client_1")))))
    }

    @Test func `GH-365: lets only those go on whom the token names`() throws {
        let client = try client()
        for (named, isRefused) in [(client.id.text, false), (app.text, true), ("", true)] {
            let outcome = try decide([rule()], subject(mayAct: named), by: client)
            if case .failure(let refusal) = outcome {
                #expect(isRefused && refusal.reason == "may_act")
            } else {
                #expect(!isRefused)
            }
        }
    }

    @Test func `GH-362: gives no more scope than token, policy and client have`() throws {
        var client = try client()
        client.scope = Scope("a", "c", "d", "offline_access")
        let adding = try rule(.delegation) { $0.additionalScope = Scope("c", "x") }
        guard case .success(let decision) = try decide([adding], subject(), by: client) else {
            throw Unexpected()
        }
        let target = TokenTarget(audience: ["https://stock.test"], client: client.policies)
        func scope(_ requested: Scope?) throws -> Scope {
            try decision.scope(requested, of: subject(), by: client, at: target)
        }
        #expect(try scope(nil) == Scope("a"))
        #expect(try scope(Scope("c")) == Scope("c"))
        #expect(try scope(Scope.none) == Scope.none)
        for refused in [Scope("b"), Scope("d"), Scope("x"), Scope("offline_access")] {
            #expect(throws: OAuthError.self) { try scope(refused) }
        }
    }

    private struct Unexpected: Error {}
}
