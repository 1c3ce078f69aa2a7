import GatehouseWeb
import NIOCore
import Testing

/// What every answer carries and what no answer says.
@Suite(.timeLimit(.minutes(1))) struct `Every answer` {
    @Test(arguments: ["/hello", "/nowhere", "/boom", "/conflict"])
    func `carries the security headers once, and no Server header`(
        path: String
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.send(path)
            for (name, value) in [
                ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                ("X-Frame-Options", "DENY"), ("Cache-Control", "no-store"),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ] {
                #expect(answers.values(name) == [value], "\(name)")
            }
            #expect(answers.values("Server").isEmpty)
            #expect(answers.values("Strict-Transport-Security").isEmpty)
            #expect(answers.values("X-Request-Id").first?.utf8.count == 32)
        }
    }

    @Test func `keeps the policy and the caching that a route sets`() async throws {
        try await TestServer.run { server in
            let answers = try await server.send("/page")
            #expect(answers.values("Cache-Control") == ["max-age=300"])
            #expect(answers.values("Content-Security-Policy") == ["img-src 'self'"])
        }
    }

    @Test func `GH-421: demands TLS once the client has it`() async throws {
        try await TestServer.run(proxies: ["127.0.0.1"]) { server in
            let answers = try await server.send("/hello", headers: ["X-Forwarded-Proto: https"])
            #expect(
                answers.values("Strict-Transport-Security")
                    == ["max-age=63072000; includeSubDomains"])
        }
    }

    @Test func `GH-473: an unexpected error shows an incident id and nothing else`() async throws {
        try await TestServer.run { server in
            let answers = try await server.send("/boom")
            let incident = try #require(answers.values("X-Request-Id").first)
            #expect(answers.status == 500)
            #expect(answers.body == "Something went wrong. Incident \(incident).\n")
            let lines = server.log.lines.filter { $0.contains("SELECT secret FROM vault") }
            #expect(lines.count == 1)
            #expect(lines.allSatisfy { $0.contains(incident) && $0.contains("\"error\"") })
        }
    }

    @Test func `GH-473: the message of an HTTP error stays inside`() async throws {
        try await TestServer.run { server in
            let answers = try await server.send("/conflict")
            #expect(answers.status == 409)
            #expect(answers.body == "409 Conflict\n")
        }
    }

    @Test(
        arguments: [
            ("GET", "/nowhere", 404, []), ("POST", "/nowhere", 404, []),
            ("POST", "/hello", 405, ["GET, HEAD"]), ("GET", "/form", 405, ["POST"]),
            ("PUT", "/items/1", 405, ["GET, HEAD, DELETE"]), ("DELETE", "/items/1", 200, []),
            ("TRACE", "/hello", 405, ["GET, HEAD"]), ("TRACE", "/nowhere", 405, [""]),
            ("PROPFIND", "/hello", 405, ["GET, HEAD"]), ("PROPFIND", "/nowhere", 501, []),
            ("CONNECT", "/hello", 405, [""]), ("CONNECT", "id.test:443", 405, [""]),
            ("OPTIONS", "/hello", 204, ["GET, HEAD, OPTIONS"]), ("OPTIONS", "/nowhere", 404, []),
            ("OPTIONS", "*", 204, ["GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"]),
            ("GET", "*", 400, []), ("FROB", "/hello", 501, []), ("get", "/hello", 501, []),
        ] as [(String, String, Int, [String])])
    func `GH-430: a wrong method is told from a wrong path`(
        method: String, path: String, status: Int, allow: [String]
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.send(path, by: method)
            #expect(answers.status == status)
            #expect(answers.values("Allow") == allow)
        }
    }

    @Test func `a wrong method does not run the route`() async throws {
        try await TestServer.run { server in
            #expect(await server.status(of: "/boom", by: "DELETE") == 405)
            #expect(!server.log.text.contains("unexpected error"))
        }
    }

    @Test(arguments: [("/hello", 200, "5"), ("/nowhere", 404, "14"), ("/form", 405, "23")])
    func `HEAD gets the headers of GET and no body`(
        path: String, status: Int, length: String
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.send(path, by: "HEAD")
            #expect(answers.status == status)
            #expect(answers.values("Content-Length") == [length])
            #expect(answers.body == "")
        }
    }

    @Test(arguments: [
        "traceparent: 00-00000000000000000000000000000000-0000000000000000-zz", "traceparent:",
        "baggage: ,,=;=é", "X-Request-Id:", "X-Request-Id: 0", "X-Request-Id: " + long,
        "X-Request-Id: a\u{E9}b", "X-Request-Id: a b",
    ])
    func `GH-439: what others say about tracing is ignored`(header: String) async throws {
        try await TestServer.run { server in
            let answers = try await server.send("/hello", headers: [header])
            #expect(answers.status == 200)
            let id = try #require(answers.values("X-Request-Id").first)
            #expect(id.utf8.count == 32 && !header.contains(id))
        }
    }

    static let long = String(repeating: "a", count: 10_000)

    @Test(
        arguments: [
            (["edge-7_A"], "edge-7_A"), (["a", "b"], nil), ([""], nil), (["a.b"], nil),
            ([String(repeating: "a", count: 64)], String(repeating: "a", count: 64)),
            ([String(repeating: "a", count: 65)], nil),
        ] as [([String], String?)])
    func `GH-439: a trusted proxy may choose the request id`(
        ids: [String], expected: String?
    ) async throws {
        try await TestServer.run(proxies: ["127.0.0.0/8"]) { server in
            let answers = try await server.send(
                "/hello", headers: ids.map { "X-Request-Id: \($0)" })
            let id = try #require(answers.values("X-Request-Id").first)
            #expect(expected == nil ? id.utf8.count == 32 && !ids.contains(id) : id == expected)
        }
    }
}
