import GatehouseWeb
import Logging
import Testing

/// What the log says, and what it never says.
@Suite(.timeLimit(.minutes(1))) struct `Logs` {
    @Test(arguments: ["/hello", "/nowhere", "/boom", "/conflict", "/items/1"])
    func `GH-472: no query, body, cookie or credential reaches the log`(
        path: String
    ) async throws {
        try await TestServer.run { server in
            let headers = [
                "Authorization: Bearer CANARY-1", "Cookie: a=CANARY-2", "User-Agent: CANARY-3",
                "Referer: https://rp.test/?code=CANARY-4", "X-Forwarded-For: CANARY-5",
            ]
            _ = try await server.send(
                "\(path)?code=CANARY-6&state=CANARY-7&id_token_hint=CANARY-8", headers: headers)
            _ = try await server.send(
                path, by: "POST", headers: headers + [`Limits`.form], body: "password=CANARY-9")
            #expect(server.log.lines.contains { $0.contains("\"message\":\"request\"") })
            #expect(!server.log.text.contains("CANARY"))
        }
    }

    @Test func `GH-472: a refused request leaves its reason and nothing it sent`() async throws {
        try await TestServer.run { server in
            _ = try await server.exchange(
                "GET /hello?code=CANARY HTTP/1.1\r\nHost: CANARY_\r\nX-A: CANARY\r\n\r\n")
            #expect(server.log.text.contains("\"message\":\"request refused\""))
            #expect(!server.log.text.contains("CANARY"))
        }
    }

    @Test func `a request is one line that says who, what and how it went`() async throws {
        try await TestServer.run { server in
            _ = try await server.send("/items/1?a=b")
            let line = try #require(server.log.lines.last { $0.contains("\"request\"") })
            for part in [
                #""time":"2023-11-14T22:13:20.123Z","level":"info","label":"test""#,
                #""client":"127.0.0.1""#, #""method":"GET""#, #""path":"/items/1""#,
                #""status":200"#, #""request_id":""#, #""duration_ms":"#,
            ] {
                #expect(line.contains(part), "\(part)")
            }
        }
    }

    @Test func `probes of health and files of pages are not worth a line`() async throws {
        try await TestServer.run { server in
            for path in ["/livez", "/readyz", "/assets/gatehouse.css"] {
                _ = try await server.send(path)
            }
            #expect(!server.log.text.contains("\"message\":\"request\""))
        }
    }

    static let hostile = "a\r\n{\"level\":\"error\"}\u{1B}[31m\u{2028}\u{202E}\u{0}\u{9B}\"\\é"

    @Test func `GH-470: JSON lines escape whatever could look like a line`() {
        let log = CapturedLog()
        log.logger().info("\(Self.hostile)", metadata: ["\(Self.hostile)": "\(Self.hostile)"])
        let escaped =
            #""a\u000D\u000A{\"level\":\"error\"}\u001B[31m\u2028\u202E\u0000\u009B\"\\é""#
        #expect(
            log.lines == [
                #"{"time":"2023-11-14T22:13:20.123Z","level":"info","label":"test","#
                    + "\"message\":\(escaped),\(escaped):\(escaped)}\n"
            ])
    }

    @Test func `metadata cannot replace the time, the level or the message`() {
        let log = CapturedLog()
        log.logger().info("m", metadata: ["level": "x", "nested": ["b": ["1", "2"], "a": "\n"]])
        #expect(log.lines.count == 1)
        #expect(log.text.contains(#""level":"info""#))
        #expect(log.text.contains(#""metadata.level":"x","nested":{"a":"\u000A","b":["1","2"]}"#))
    }

    @Test(arguments: [false, true])
    func `GH-470: text lines escape control characters`(isColored: Bool) {
        let log = CapturedLog()
        let logger = Logger(label: "test") { _ in
            TextLogOutput(
                level: .info, isColored: isColored, sink: log.sink, now: { 951_782_400_000 })
        }
        logger.warning("a\r\nb", metadata: ["x": "c\u{1B}[2J d", "y": "plain"])
        let text = #"00:00:00 warning  a\u000D\u000Ab x="c\u001B[2J d" y=plain"# + "\n"
        #expect(log.text.contains("\u{1B}") == isColored)
        if !isColored { #expect(log.text == text) }
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_102_444_800_000, "2100-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (1_709_164_800_001, "2024-02-29T00:00:00.001Z"),
        ] as [(Int64, String)])
    func `times are RFC 3339 in UTC`(milliseconds: Int64, expected: String) {
        let log = CapturedLog()
        let logger = Logger(label: "test") {
            JSONLogOutput(label: $0, level: .info, sink: log.sink, now: { milliseconds })
        }
        logger.info("m")
        #expect(log.text.hasPrefix(#"{"time":"\#(expected)""#))
    }
}
