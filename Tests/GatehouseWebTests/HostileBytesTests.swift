import GatehouseWeb
import Testing

/// Input that no one wrote by hand (attacks.md GH-440): the server answers and lives.
@Suite(.timeLimit(.minutes(1))) struct `Hostile bytes` {
    /// A generator whose numbers are the same in every run (SplitMix64).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(arguments: [
        "/%", "/%zz", "/?%", "//", "//evil.test/", "/..", "/%2e%2e/hello", "/\\", "/items/%ff",
        "/items/%00", "/items/%c0%af", "/items/%ED%A0%80", "/items/a%2Fb", "/:id", "/{id}", "/**",
        "/items/", "/?", "/??", "/http://a/", "/://", "/items/%E2%80%A8", "/hello;.css", "/hello/x",
    ])
    func `GH-440: an odd target is answered and never with a failure`(
        target: String
    ) async throws {
        try await TestServer.run { server in
            let status = try #require(await server.status(of: target))
            #expect(status < 500, "\(status)")
        }
    }

    @Test(arguments: 0..<8)
    func `GH-440: mutated requests are answered or cut off, and the server lives`(
        seed: UInt64
    ) async throws {
        let original = Array(
            ("POST /form?a=b HTTP/1.1\r\nHost: id.test\r\nContent-Length: 7\r\nCookie: a=b\r\n"
                + "X-Forwarded-For: 192.0.2.1, [::1]:80\r\nForwarded: for=\"[::1]\"\r\n"
                + "Content-Type: application/x-www-form-urlencoded\r\n\r\na=b&c=d").utf8)
        var generator = Generator(state: seed)
        var requests: [[UInt8]] = []
        for _ in 0..<64 {
            var request = original
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let index = Int.random(in: request.indices, using: &generator)
                switch UInt8.random(in: 0...3, using: &generator) {
                case 0: request[index] = .random(in: 0...255, using: &generator)
                case 1: request.insert(.random(in: 0...255, using: &generator), at: index)
                case 2: request.remove(at: index)
                default: request.insert(contentsOf: request[index...].prefix(9), at: index)
                }
            }
            requests.append(request)
        }
        try await TestServer.run(proxies: ["127.0.0.1"]) {
            $0.limits.readTimeout = .milliseconds(30)
            $0.limits.idleTimeout = .milliseconds(30)
        } _: { server in
            for request in requests {
                let answers = try await server.exchange(request)
                #expect(answers.statuses.allSatisfy { $0 < 500 || $0 == 501 }, "\(answers.text)")
            }
            // With such limits a good request may be cut off as well, on a busy machine.
            var isAlive = false
            for _ in 0..<20 where !isAlive {
                isAlive = await server.status(of: "/hello") == 200
            }
            #expect(isAlive)
        }
    }
}
