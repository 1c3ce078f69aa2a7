import GatehouseJOSE
import GatehouseProtocol
import Testing

@testable import GatehouseCore

@Suite struct `The resources of a tenant` {
    private static let now = Timestamp(seconds: 1_700_000_000)

    private func resource(
        _ indicator: String, _ scopes: [String] = [], _ change: (inout Resource) -> Void = { _ in }
    ) throws -> Resource {
        let name = try #require(DisplayName(parsing: "An API"))
        var resource = Resource(
            try #require(ResourceIndicator(indicator)), name: name, at: Self.now)
        resource.scopes = scopes.compactMap { ResourceScope($0, description: name) }
        change(&resource)
        return resource
    }

    private func client() throws -> Client {
        Client(name: try #require(DisplayName(parsing: "An app")), kind: .web, at: Self.now)
    }

    private func indicators(_ texts: String...) -> [ResourceIndicator] {
        texts.compactMap { ResourceIndicator($0) }
    }

    @Test func `are the audience as they were asked for, or else the client's default`() throws {
        var client = try client()
        let resources = Resources([try resource("a:1"), try resource("a:2")])
        #expect(try resources.audience([], by: client) == [client.id.text])
        #expect(try resources.audience(indicators("a:2", "a:1"), by: client) == ["a:2", "a:1"])
        #expect(throws: OAuthError.self) {
            try resources.audience(indicators("a:1", "a:3"), by: client)
        }
        client.policies.audience = "a:3"
        #expect(try resources.audience(indicators("a:3"), by: client) == ["a:3"])
        #expect(try resources.audience([], by: client) == ["a:3"])
    }

    @Test func `are closed to others while they are disabled, or meant for some`() throws {
        let (friend, stranger) = (try client(), try client())
        let resources = Resources([
            try resource("a:off") { $0.disabledAt = Self.now },
            try resource("a:some") { $0.policies.clients = [friend.id] },
        ])
        #expect(try resources.audience(indicators("a:some"), by: friend) == ["a:some"])
        for indicator in ["a:off", "a:some"] {
            #expect(throws: OAuthError.self) {
                try resources.audience(indicators(indicator), by: stranger)
            }
            #expect(throws: OAuthError.self) {
                try resources.narrowed([], of: [indicator], by: stranger)
            }
            var fond = stranger
            fond.policies.audience = indicator
            #expect(throws: OAuthError.self) { try resources.audience([], by: fond) }
        }
        #expect(
            try resources.narrowed([], of: ["a:off", "a:some"], by: friend) == ["a:some"])
    }

    @Test func `narrow a token to part of the grant`() throws {
        let client = try client()
        let resources = Resources([try resource("a:1"), try resource("a:2"), try resource("a:3")])
        let audience = ["a:1", "a:2"]
        #expect(try resources.narrowed([], of: audience, by: client) == audience)
        #expect(try resources.narrowed(indicators("a:2"), of: audience, by: client) == ["a:2"])
        #expect(throws: OAuthError.self) {
            try resources.narrowed(indicators("a:2", "a:3"), of: audience, by: client)
        }
    }

    @Test func `say how their tokens look`() throws {
        let client = try client()
        let resources = Resources([
            try resource("a:1", ["read"]) {
                $0.policies.lifetime = .seconds(60)
                $0.policies.algorithm = .edDSA
                $0.policies.claims = ["email"]
            },
            try resource("a:2", ["write"]) {
                $0.policies.lifetime = .seconds(90)
                $0.policies.algorithm = .edDSA
            },
            try resource("a:3") { $0.policies.tokenFormat = .opaque },
        ])
        let both = try resources.target(["a:1", "a:2"], of: client)
        #expect(both.algorithm == .edDSA && both.lifetime == .seconds(60))
        #expect(both.claims == ["email"] && both.scope == ["read", "write"])
        #expect(resources.longestLifetime(of: ["a:1", "a:2"], for: client) == .seconds(90))
        let opaque = try resources.target(["a:3"], of: client)
        #expect(opaque.format == .opaque && opaque.algorithm == .es256 && opaque.scope == nil)
        #expect(throws: OAuthError.self) { try resources.target(["a:1", "a:3"], of: client) }
        let own = try resources.target([client.id.text], of: client)
        #expect(own.format == .jwt && own.lifetime == client.policies.accessTokenLifetime)
    }

    @Test func `keep of a scope what they know, and who somebody is`() throws {
        let client = try client()
        let resources = Resources([try resource("a:1", ["read"]), try resource("a:2")])
        let scope = Scope("openid", "read", "write")
        #expect(try resources.target(["a:1"], of: client).narrowed(scope).text == "openid read")
        #expect(try resources.target(["a:2"], of: client).narrowed(scope) == scope)
        #expect(!resources.know(scope, in: ["a:1"]) && resources.know(scope, in: ["a:1", "a:2"]))
    }

    @Test func `have scope values of their own only`() throws {
        let name = try #require(DisplayName(parsing: "See"))
        for value in ["", "a b", " a", "openid", "email", "offline_access", "é", "a\"b"] {
            #expect(ResourceScope(value, description: name) == nil)
        }
        #expect(ResourceScope("orders:read", description: name)?.value == "orders:read")
    }
}
