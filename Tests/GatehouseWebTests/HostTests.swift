import Testing

/// The Host header and the target's authority (attacks.md GH-437).
@Suite(.timeLimit(.minutes(1))) struct `Host` {
    @Test(arguments: [
        "id.test", "ID.test:443", "127.0.0.1:8080", "[::1]:8080", "localhost", "a-b.test:1",
    ])
    func `GH-437: a name or address with or without a port is accepted`(
        host: String
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "GET /hello HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
            #expect(answers.status == 200)
        }
    }

    @Test(arguments: [
        "", "id.test:99999", "id.test:", "id.test:+1", "user@id.test", "id_x.test", "id\u{E9}.test",
        "id.test, id.test", "id.test/", "id.test?", "-id.test", "id..test", "[::1", "[::1]x",
        "[127.0.0.1]", "::1", "id.test\u{2E}\u{2E}", "a b", "%69d.test",
        String(repeating: "a", count: 64) + ".test",
    ])
    func `GH-437: anything else is refused`(host: String) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "GET /hello HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(answers.status == 400, "\(answers.text)")
        }
    }

    @Test(arguments: ["", "Host: a.test\r\nHost: b.test\r\n", "Host: a.test\r\nhost: a.test\r\n"])
    func `GH-437: no Host header and a second Host header are refused`(
        lines: String
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange("GET /hello HTTP/1.1\r\n\(lines)\r\n")
            #expect(answers.status == 400)
        }
    }

    @Test(arguments: [
        ("http://id.test/hello", 200), ("http://ID.TEST/hello?a=b", 200), ("http://id.test", 404),
        ("http://evil.test/hello", 400), ("http://id.test:80/hello", 400),
        ("http://u@id.test/hello", 400), ("ftp://id.test/hello", 400), ("id.test:443", 400),
    ])
    func `GH-437: an absolute target must name the Host`(
        target: String, status: Int
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.send(target)
            #expect(answers.status == status)
        }
    }
}
