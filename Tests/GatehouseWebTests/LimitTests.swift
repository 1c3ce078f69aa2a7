import GatehouseWeb
import NIOCore
import Testing

/// What one client may take (attacks.md GH-433, GH-434, GH-077).
@Suite(.timeLimit(.minutes(1))) struct `Limits` {
    static let form = "Content-Type: application/x-www-form-urlencoded"

    @Test(arguments: [
        ("one header of 17 kB", ["X-A: " + String(repeating: "a", count: 17_000)]),
        ("one header of 1 MB", ["X-A: " + String(repeating: "a", count: 1_000_000)]),
        ("a name of 20 kB", [String(repeating: "a", count: 20_000) + ": a"]),
        ("a cookie of 1 MB", ["Cookie: a=" + String(repeating: "a", count: 1_000_000)]),
        ("101 headers", (0..<99).map { "X-\($0): a" }),
        ("10 000 headers", (0..<10_000).map { "X-\($0): a" }),
        ("20 headers of 1 kB", (0..<20).map { "X-\($0): " + String(repeating: "a", count: 1000) }),
    ])
    func `GH-433: too many or too large headers are refused`(
        _: String, headers: [String]
    ) async throws {
        try await TestServer.run { server in
            #expect(await server.status(of: "/hello", headers: headers) == 431)
        }
    }

    @Test func `GH-433: headers just below the limits are accepted`() async throws {
        try await TestServer.run { server in
            let many = (0..<98).map { "X-\($0): a" }
            #expect(await server.status(of: "/hello", headers: many) == 200)
            let large = ["X-A: " + String(repeating: "a", count: 16_000)]
            #expect(await server.status(of: "/hello", headers: large) == 200)
        }
    }

    @Test func `GH-433: a target of more than 8 kB is refused`() async throws {
        try await TestServer.run { server in
            let path = "/query?" + String(repeating: "a", count: 8192 - 7)
            #expect(await server.status(of: path) == 200)
            #expect(await server.status(of: path + "a") == 414)
            let huge = path + String(repeating: "a", count: 64_000)
            let answers = try await server.send(huge)
            #expect(answers.status == 414 || answers.status == 431)
        }
    }

    @Test func `GH-434: a form of more than 64 kB is refused`() async throws {
        try await TestServer.run { server in
            let body = String(repeating: "a", count: 64 * 1024)
            let full = try await server.send("/form", by: "POST", headers: [Self.form], body: body)
            #expect(full.body == "65536 bytes")
            let over = try await server.send(
                "/form", by: "POST", headers: [Self.form], body: body + "a")
            #expect(over.status == 413)
        }
    }

    @Test func `GH-434: a form that grows over the limit in chunks is refused`() async throws {
        try await TestServer.run { server in
            let chunk = "1000\r\n" + String(repeating: "a", count: 4096) + "\r\n"
            let answers = try await server.exchange(
                "POST /form HTTP/1.1\r\nHost: id.test\r\nTransfer-Encoding: chunked\r\n"
                    + "\(Self.form)\r\n\r\n" + String(repeating: chunk, count: 300)
                    + "0\r\n\r\n" + `Malformed messages`.smuggled)
            #expect(answers.status == 413)
        }
    }

    @Test(arguments: [1_073_741_824, 1_048_577])
    func `GH-434: a body announced too large is refused before it is sent`(
        length: Int
    ) async throws {
        try await TestServer.run { server in
            let answers = try await server.exchange(
                "POST /form HTTP/1.1\r\nHost: id.test\r\nContent-Length: \(length)\r\n"
                    + "Expect: 100-continue\r\n\(Self.form)\r\n\r\n")
            #expect(answers.status == 413)
        }
    }

    @Test func `GH-434: a client that waits for 100 Continue gets it`() async throws {
        try await TestServer.run { server in
            let head =
                "POST /form HTTP/1.1\r\nHost: id.test\r\nContent-Length: 3\r\n"
                + "Expect: 100-continue\r\nConnection: close\r\n\(Self.form)\r\n\r\n"
            let (interim, answers) = try await server.connect { inbound, outbound in
                try await outbound.write(ByteBuffer(string: head))
                var iterator = inbound.makeAsyncIterator()
                let interim = try await iterator.next().map { String(buffer: $0) }
                try await outbound.write(ByteBuffer(string: "a=b"))
                var rest = ""
                while let buffer = try await iterator.next() { rest += String(buffer: buffer) }
                return (interim, rest)
            }
            #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
            #expect(answers.hasSuffix("3 bytes"))
        }
    }

    @Test(arguments: [
        ["Content-Type: application/json"], ["Content-Type: text/plain"], [],
        ["Content-Type: multipart/form-data; boundary=x"],
        ["Content-Type: application/x-www-form-urlencoded; charset=utf-16"],
        ["Content-Type: application/x-www-form-urlencoded; charset=utf-8; charset=utf-8"],
        ["Content-Type: application/x-www-form-urlencodedX"],
        [form, form], [form, "Content-Encoding: gzip"],
    ])
    func `GH-077: a body that is not a form is not read`(headers: [String]) async throws {
        try await TestServer.run { server in
            let answers = try await server.send("/form", by: "POST", headers: headers, body: "a=b")
            #expect(answers.status == 415)
        }
    }

    @Test(arguments: [
        "application/x-www-form-urlencoded", "APPLICATION/X-WWW-Form-Urlencoded",
        "application/x-www-form-urlencoded;charset=UTF-8",
        "application/x-www-form-urlencoded ; charset=\"utf-8\"",
    ])
    func `GH-077: a form is read however its type is written`(type: String) async throws {
        try await TestServer.run { server in
            let answers = try await server.send(
                "/form", by: "POST", headers: ["Content-Type: \(type)"], body: "a=b")
            #expect(answers.body == "3 bytes")
        }
    }

    @Test func `a body that breaks off is not taken for a whole one`() async throws {
        try await TestServer.run { server in
            try await server.connect { inbound, outbound in
                try await outbound.write(
                    ByteBuffer(
                        string: "POST /form HTTP/1.1\r\nHost: id.test\r\nContent-Length: 9\r\n"
                            + "\(Self.form)\r\n\r\na=b"))
                outbound.finish()
                let answers = try await Answers(inbound)
                #expect(!answers.statuses.contains(200))
            }
        }
    }

    @Test(arguments: ["", "GET /hello HTTP/1.1\r\nHost: id", "POST /form HTTP/1.1\r\nHost: a\r\n"])
    func `a client that does not finish its request is disconnected`(
        start: String
    ) async throws {
        try await TestServer.run {
            $0.limits.readTimeout = .milliseconds(50)
        } _: { server in
            _ = try await server.exchange(start)
        }
    }

    @Test func `a client that does not ask again is disconnected`() async throws {
        try await TestServer.run {
            $0.limits.idleTimeout = .milliseconds(50)
        } _: { server in
            let answers = try await server.exchange(`Malformed messages`.smuggled)
            #expect(answers.status == 200)
        }
    }

    @Test func `a query reaches the route as it was sent`() async throws {
        try await TestServer.run { server in
            #expect(await server.body(of: "/query?a=%41+b&a=&%zz?") == "a=%41+b&a=&%zz?")
            #expect(await server.body(of: "/query?") == "")
            #expect(await server.body(of: "/query") == "none")
        }
    }
}
