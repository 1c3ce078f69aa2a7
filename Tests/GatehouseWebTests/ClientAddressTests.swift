import GatehouseProtocol
import GatehouseWeb
import Testing

/// Who a request comes from (attacks.md GH-196, GH-106).
@Suite(.timeLimit(.minutes(1))) struct `Client addresses` {
    @Test(arguments: [
        "X-Forwarded-For: 203.0.113.9", "Forwarded: for=203.0.113.9;proto=https",
        "X-Real-IP: 203.0.113.9", "X-Forwarded-Proto: https", "X-SSL-Client-Cert: x",
    ])
    func `GH-106: an untrusted peer is not believed`(header: String) async throws {
        try await TestServer.run(proxies: ["10.0.0.0/8"]) { server in
            #expect(await server.body(of: "/client", headers: [header]) == "127.0.0.1 false")
        }
    }

    @Test(arguments: [
        (["X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
        (["X-Forwarded-For: 198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (["X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
        (["X-Forwarded-For: 203.0.113.9, 10.1.2.3,127.0.0.1"], "203.0.113.9"),
        (["X-Forwarded-For: 10.1.2.3, 127.0.0.1"], "10.1.2.3"),
        (["X-Forwarded-For: 2001:DB8::1"], "2001:db8::1"),
        (["X-Forwarded-For: [2001:db8::1]:4711"], "2001:db8::1"),
        (["X-Forwarded-For: 203.0.113.9:4711"], "203.0.113.9"),
        (["X-Forwarded-For: ::ffff:203.0.113.9"], "203.0.113.9"),
        (["Forwarded: for=198.51.100.1, For=\"[2001:db8::1]:4711\";by=_x"], "2001:db8::1"),
        (["Forwarded: for=203.0.113.9", "X-Forwarded-For: 203.0.113.9"], "203.0.113.9"),
        (["Forwarded: for=203.0.113.8", "X-Forwarded-For: 203.0.113.9"], "127.0.0.1"),
        (["Forwarded: for=_hidden"], "127.0.0.1"), (["Forwarded: by=203.0.113.9"], "127.0.0.1"),
        (["X-Forwarded-For: a"], "127.0.0.1"), (["X-Forwarded-For:"], "127.0.0.1"),
        (["X-Forwarded-For: 203.0.113.9, a"], "127.0.0.1"),
        (["X-Forwarded-For: 203.0.113.9,"], "127.0.0.1"),
        (["X-Forwarded-For: fe80::1%eth0"], "127.0.0.1"),
        (["X-Forwarded-For: 0x7f.1"], "127.0.0.1"), (["X-Forwarded-For: 127.1"], "127.0.0.1"),
        (["X-Forwarded-For: 203.0.113.09"], "127.0.0.1"),
    ])
    func `GH-196: a trusted proxy is believed only when it says an address`(
        headers: [String], expected: String
    ) async throws {
        try await TestServer.run(proxies: ["127.0.0.1", "10.0.0.0/8"]) { server in
            #expect(
                await server.body(of: "/client", headers: headers) == "\(expected) false")
        }
    }

    @Test(arguments: [
        (["https"], true), (["HTTPS"], true), (["http"], false), (["https, http"], false),
        (["https", "http"], false), ([""], false), (["httpsx"], false),
    ])
    func `only https from a trusted proxy is secure`(
        values: [String], isSecure: Bool
    ) async throws {
        try await TestServer.run(proxies: ["127.0.0.1"]) { server in
            let headers = values.map { "X-Forwarded-Proto: \($0)" }
            #expect(
                await server.body(of: "/client", headers: headers) == "127.0.0.1 \(isSecure)")
        }
    }

    @Test(arguments: [
        "", "10.0.0.0/33", "10.0.0.1/8", "10.0.0.0/", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0/8",
        "fd00::/129", "fd00::1/8", "fd00:::/8", "::ffff:10.0.0.0/129", "localhost", "all", "*",
        " 10.0.0.0/8", "1::2::3", "12345::", "fe80::1%lo/128", "1:10.0.0.0::",
        "010.0.0.0/8", "256.0.0.0/8",
    ])
    func `an entry that is no range is named`(entry: String) {
        #expect(throws: InvalidProxyRange.self) { try TrustedProxies(["10.0.0.0/8", entry]) }
        do {
            _ = try TrustedProxies([entry])
        } catch {
            #expect(error.description.hasPrefix("\"\(entry)\" is not a trusted proxy: "))
        }
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "203.0.113.9", true),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("::1", "::1", true),
    ])
    func `a range holds its addresses`(range: String, text: String, isInside: Bool) throws {
        let address = try #require(IPAddress(text))
        #expect(try TrustedProxies([range]).contains(address) == isInside)
        #expect(try !TrustedProxies([range]).contains(nil))
        #expect(try TrustedProxies(["unix"]).contains(nil))
    }

    @Test(arguments: [
        ("1:0:0:0:0:0:0:1", "1::1"), ("::", "::"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"), ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
        ("1::", "1::"), ("::FFFF:1.2.3.4", "1.2.3.4"),
    ])
    func `an address has one way to be written`(text: String, canonical: String) {
        #expect(IPAddress(text)?.description == canonical)
    }
}
