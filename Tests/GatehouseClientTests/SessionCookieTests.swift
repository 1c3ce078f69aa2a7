@testable import GatehouseClient
@testable import GatehouseHummingbird
import GatehouseProtocol
import GatehouseTesting
import HTTPTypes
import Testing

@Suite struct `Sealed cookies` {
    private let time = TestClock()
    private let cookies: SessionCookies

    init() throws {
        cookies = SessionCookies(
            key: try SessionKey(Array(repeating: 7, count: 32)), random: .system,
            clock: time.clock, lifetime: 3_600)
    }

    private static func attempt(_ number: Int, _ state: String) -> SessionCookies.Attempt {
        SessionCookies.Attempt(
            attempt: AuthorizationAttempt(
                url: "", state: state, nonce: "n\(number)", codeVerifier: "v",
                issuer: "https://id.test", clientID: "app",
                redirectURI: "https://app.test/callback", scopes: ["openid"], maxAge: nil,
                organization: nil, begunAt: 0),
            returnPath: "/\(number)")
    }

    /// What a browser sends after it got these headers.
    private static func sent(_ given: HTTPFields, after former: [String: String] = [:])
        -> [String: String]
    {
        var jar = former
        for line in given[values: .setCookie] {
            let parts = line.split(separator: ";").map { $0.split(separator: "=", maxSplits: 1) }
            let isOver = line.contains("Max-Age=0")
            jar[String(parts[0][0])] = isOver ? nil : String(parts[0].dropFirst().first ?? "")
        }
        return jar
    }

    private static func headers(_ jar: [String: String]) -> HTTPFields {
        [.cookie: jar.map { "\($0)=\($1)" }.joined(separator: "; ")]
    }

    @Test func `end when they say so, even if a browser keeps them`() throws {
        var given = HTTPFields()
        try cookies.set(cookies.session(id: "a", tokens: nil), in: &given)
        let kept = Self.headers(Self.sent(given))
        time.advance(by: 3_599)
        #expect(cookies.session(of: kept)?.id == "a")
        time.advance(by: 1)
        #expect(cookies.session(of: kept) == nil)
        // Whoever comes back gets another hour each time.
        time.advance(by: -1)
        try cookies.set(cookies.session(id: "a", tokens: nil), in: &given)
        time.advance(by: 3_000)
        #expect(cookies.session(of: Self.headers(Self.sent(given)))?.id == "a")
        #expect(cookies.session(of: kept) == nil)
    }

    @Test func `hold five attempts at once, each answered by its own state`() throws {
        let states = ["s0", "s1", "s2", "s3", "s4"]
        var jar: [String: String] = [:]
        for (number, state) in states.enumerated() {
            var given = HTTPFields()
            try cookies.set(Self.attempt(number, state), in: &given)
            jar = Self.sent(given, after: jar)
        }
        #expect(jar.count == 5)
        for (number, state) in states.enumerated() {
            let found = cookies.attempt(of: Self.headers(jar), state: state)
            #expect(found?.returnPath == "/\(number)" && found?.attempt.nonce == "n\(number)")
        }
        #expect(cookies.attempt(of: Self.headers(jar), state: "s5") == nil)
        // A sixth takes the place of one, and of no other.
        var given = HTTPFields()
        try cookies.set(Self.attempt(5, "t0"), in: &given)
        jar = Self.sent(given, after: jar)
        let left = (states + ["t0"]).filter {
            cookies.attempt(of: Self.headers(jar), state: $0) != nil
        }
        #expect(jar.count == 5 && left.count == 5 && left.contains("t0"))
        // One that is answered is gone, and the others stay.
        var cleared = HTTPFields()
        cookies.clear(Self.attempt(5, "t0"), in: &cleared)
        jar = Self.sent(cleared, after: jar)
        #expect(jar.count == 4 && cookies.attempt(of: Self.headers(jar), state: "t0") == nil)
    }
}
