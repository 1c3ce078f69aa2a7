import GatehouseWeb
import Hummingbird
import Testing

/// What is refused where more arrives than can be answered.
@Suite(.timeLimit(.minutes(1))) struct `Overload` {
    /// A route that holds its thread for longer than anybody is to wait for the others.
    private static func routes(_ router: Router<EdgeContext>) {
        router.get("busy") { _, _ in
            let end = ContinuousClock.now + .milliseconds(200)
            while ContinuousClock.now < end {}
            return "done"
        }
        router.get("hello") { _, _ in "hello" }
        router.post("t/acme/oauth2/token") { _, _ in "token" }
        router.get("livez") { _, _ in "alive" }
    }

    private static func request(_ line: String) -> String {
        "\(line) HTTP/1.1\r\nHost: id.test\r\nContent-Length: 0\r\n\r\n"
    }

    @Test func `what arrived too late to be answered in time is refused at once`() async throws {
        try await TestServer.run(
            configure: { $0.limits.overload = .milliseconds(200) }, routes: Self.routes
        ) { server in
            let lines =
                Array(repeating: "GET /busy", count: 3) + [
                    "POST /t/acme/oauth2/token", "GET /hello", "GET /livez",
                ]
            let answers = try await server.exchange(
                lines.map(Self.request).joined() + "GET /livez HTTP/1.0\r\n\r\n")
            #expect(answers.statuses.first == 200)
            #expect(answers.statuses.suffix(4) == [503, 503, 200, 200])
            #expect(answers.values("retry-after").last == "1")
            #expect(answers.body.contains(#"{"error":"temporarily_unavailable"}"#))
            // The next round begins anew.
            #expect(try await server.send("/hello").status == 200)
        }
    }

    @Test func `a burst that is soon over is answered`() async throws {
        try await TestServer.run(
            configure: { $0.limits.overload = .seconds(600) }, routes: Self.routes
        ) { server in
            let answers = try await server.exchange(
                String(repeating: Self.request("GET /busy"), count: 2)
                    + "GET /hello HTTP/1.0\r\n\r\n")
            #expect(answers.statuses == [200, 200, 200])
        }
    }

    @Test func `a refusal is as safe as any answer`() async throws {
        try await TestServer.run(
            configure: { $0.limits.overload = .milliseconds(200) }, routes: Self.routes
        ) { server in
            let answers = try await server.exchange(
                String(repeating: Self.request("GET /busy"), count: 3)
                    + "GET /hello HTTP/1.0\r\n\r\n")
            #expect(answers.statuses.count == 4)
            #expect(answers.statuses.last == 503)
            #expect(answers.values("cache-control") == Array(repeating: "no-store", count: 4))
            #expect(answers.values("x-content-type-options").count == 4)
            #expect(answers.values("date").count == 4)
        }
    }
}
