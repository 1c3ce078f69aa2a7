import Testing

/// Requests that two parsers could read in two ways (attacks.md GH-431).
@Suite(.timeLimit(.minutes(1))) struct `Malformed messages` {
    struct Message: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let head: String
        var body = ""
    }

    /// A request that must never be taken for a second one.
    static let smuggled = "GET /hello HTTP/1.1\r\nHost: id.test\r\n\r\n"

    static let messages: [Message] = [
        .init(
            testDescription: "content length and transfer encoding",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
            body: "0\r\n\r\n"),
        .init(
            testDescription: "transfer encoding and content length",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5",
            body: "0\r\n\r\n"),
        .init(
            testDescription: "chunked, identity",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding: chunked, identity"),
        .init(
            testDescription: "gzip, chunked",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding: gzip, chunked", body: "0\r\n\r\n"),
        .init(
            testDescription: "two transfer encodings",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding: chunked\r\n"
                + "Transfer-Encoding: chunked",
            body: "0\r\n\r\n"),
        .init(
            testDescription: "a space before the colon",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding : chunked", body: "0\r\n\r\n"),
        .init(
            testDescription: "a vertical tab before chunked",
            head: "POST /ignore HTTP/1.1\r\nTransfer-Encoding: \u{0B}chunked", body: "0\r\n\r\n"),
        .init(
            testDescription: "chunked in HTTP/1.0",
            head: "POST /ignore HTTP/1.0\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"),
        .init(
            testDescription: "two content lengths",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5", body: "12345"),
        .init(
            testDescription: "two different content lengths",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 0", body: "12345"),
        .init(
            testDescription: "a content length list",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 5,5", body: "12345"),
        .init(
            testDescription: "a signed content length",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: +5", body: "12345"),
        .init(
            testDescription: "a negative content length",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: -5", body: "12345"),
        .init(
            testDescription: "a hexadecimal content length",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 0x5", body: "12345"),
        .init(
            testDescription: "a content length with a leading zero",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 05", body: "12345"),
        .init(
            testDescription: "an empty content length",
            head: "POST /ignore HTTP/1.1\r\nContent-Length:"),
        .init(
            testDescription: "a content length of 2^64",
            head: "POST /ignore HTTP/1.1\r\nContent-Length: 18446744073709551616"),
        .init(
            testDescription: "a folded header",
            head: "GET /hello HTTP/1.1\r\nX-Fold: a\r\n b"),
        .init(
            testDescription: "a first header that starts with a space",
            head: "GET /hello HTTP/1.1\r\n X-Space: a"),
        .init(testDescription: "a NUL in a value", head: "GET /hello HTTP/1.1\r\nX-A: a\u{0}b"),
        .init(testDescription: "a DEL in a value", head: "GET /hello HTTP/1.1\r\nX-A: a\u{7F}b"),
        .init(testDescription: "a bare CR in a value", head: "GET /hello HTTP/1.1\r\nX-A: a\rb"),
        .init(
            testDescription: "a header name in parentheses",
            head: "GET /hello HTTP/1.1\r\n(X): a"),
        .init(testDescription: "an empty header name", head: "GET /hello HTTP/1.1\r\n: a"),
        .init(testDescription: "a header without a colon", head: "GET /hello HTTP/1.1\r\nX-A"),
        .init(testDescription: "a bare line feed", head: "GET /hello HTTP/1.1\nX-A: a"),
        .init(
            testDescription: "a GET with a body (CL.0)",
            head: "GET /hello HTTP/1.1\r\nContent-Length: 42", body: smuggled),
        .init(
            testDescription: "a GET with chunks (TE.0)",
            head: "GET /hello HTTP/1.1\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"),
        .init(testDescription: "a target with a space", head: "GET /hel lo HTTP/1.1"),
        .init(testDescription: "a target with a tab", head: "GET /hel\tlo HTTP/1.1"),
        .init(testDescription: "a target with a fragment", head: "GET /hello#a HTTP/1.1"),
        .init(testDescription: "a target that is not ASCII", head: "GET /h\u{E9}llo HTTP/1.1"),
        .init(testDescription: "a relative target", head: "GET hello HTTP/1.1"),
        .init(testDescription: "HTTP/2.0", head: "GET /hello HTTP/2.0"),
        .init(testDescription: "HTTP/1.2", head: "GET /hello HTTP/1.2"),
    ]

    @Test(arguments: messages)
    func `GH-431: are refused, close the connection and hide no second request`(
        _ message: Message
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "\(message.head)\r\nHost: id.test\r\n\r\n\(message.body)\(Self.smuggled)")
            #expect(answers.status == 400, "\(answers.text)")
            #expect(answers.values("connection") == ["close"])
        }
    }

    @Test(arguments: [
        "g\r\nabc\r\n0\r\n\r\n", "10000000000000000\r\nabc", "-1\r\nabc", "3\nabc\r\n0\r\n\r\n",
        "3;\nx\r\nabc\r\n0\r\n\r\n", "3;a=\"b\nc\"\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\n0\r\n\r\n", "3\rXabc\r\n0\r\n\r\n",
    ])
    func `GH-431: bad chunks give one refusal and no second answer`(chunks: String) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "POST /form HTTP/1.1\r\nHost: id.test\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
                    + chunks + Self.smuggled)
            #expect(answers.status == 400, "\(answers.text)")
        }
    }

    @Test(arguments: ["g\r\n", "3\r\nabcd\r\n", "3;\n\r\n"])
    func `GH-431: bad chunks after an answer give no second one`(chunks: String) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "POST /ignore HTTP/1.1\r\nHost: id.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + chunks + Self.smuggled)
            #expect(answers.statuses.count <= 1, "\(answers.text)")
        }
    }

    @Test func `GH-431: good chunks, extensions and trailers are read`() async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "POST /form HTTP/1.1\r\nHost: id.test\r\nTransfer-Encoding: chunked\r\n"
                    + "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
                    + "3;a=b\r\na=b\r\n0\r\nX-Sum: 9\r\n\r\n")
            #expect(answers.status == 200)
            #expect(answers.body == "3 bytes")
        }
    }

    @Test func `GH-436: pipelined requests are answered in order until the bad one`() async throws {
        try await TestServer.run { server in
            let good = "GET /items/1 HTTP/1.1\r\nHost: id.test\r\n\r\n"
            let bad = "GET /hello HTTP/1.1\r\nHost: id.test\r\nHost: id.test\r\n\r\n"
            let answers = try await server.exchange(
                String(repeating: good, count: 100) + bad + good)
            #expect(answers.statuses == Array(repeating: 200, count: 100) + [400])
        }
    }

    @Test func `an upgrade is not followed and what comes after it is not read`() async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "GET /hello HTTP/1.1\r\nHost: id.test\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                    + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n" + Self.smuggled)
            #expect(answers.status == 200)
            #expect(answers.values("connection") == ["close"])
        }
    }

    @Test func `the preface of HTTP/2 is refused`() async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            #expect(answers.statuses.count == 1)
            #expect(answers.statuses.allSatisfy { $0 >= 400 })
        }
    }

    @Test func `HTTP/1.0 gets its answer and the connection ends`() async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange("GET /hello HTTP/1.0\r\n\r\n")
            #expect(answers.status == 200)
            #expect(answers.body == "hello")
        }
    }
}
