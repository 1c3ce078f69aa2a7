import GatehouseProtocol
import Testing

@Suite struct `A web address` {
    @Test func `is taken apart`() throws {
        let address = try #require(WebAddress(parsing: "https://rp.test:8443/a/b?c=d?e"))
        #expect(address.scheme == "https" && address.host == "rp.test" && address.port == 8_443)
        #expect(address.path == "/a/b" && address.query == "c=d?e")
        #expect(address.origin == "https://rp.test:8443")
        let bare = try #require(WebAddress(parsing: "http://[::1]"))
        #expect(bare.host == "[::1]" && bare.port == nil && bare.path.isEmpty && bare.query == nil)
        let query = try #require(WebAddress(parsing: "https://rp.test?"))
        #expect(query.path.isEmpty && query.query?.isEmpty == true)
    }

    @Test(arguments: [
        ("http://127.0.0.1", true, true), ("http://[::1]:1/", true, true),
        ("http://localhost", true, false), ("http://127.0.0.2", false, false),
        ("http://localhost.test", false, false), ("http://127.0.0.1.test", false, false),
    ])
    func `knows the loopback interface`(text: String, isLoopback: Bool, isLiteral: Bool) throws {
        let address = try #require(WebAddress(parsing: text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.isLoopbackLiteral == isLiteral)
    }

    @Test(arguments: [
        "https://" + "a".times(63) + ".test/", "https://" + "a.".times(126) + "a/",
        "https://rp.test/...", "https://rp.test/.well-known/x", "https://rp.test/a..b/%2e%2ea",
    ])
    func `may look odd`(text: String) {
        #expect(WebAddress(parsing: text) != nil)
    }

    @Test(arguments: [
        "https://" + "a".times(64) + ".test/", "https://" + "a.".times(127) + "a/", "https:/",
        "https://[::2]/", "https://[]/", "https://[::1/", "https://::1]/", "https://1.2.3/",
        "https://1.2.3.4.5/", "https://a.1/", "https://0x1/".replacing("0x1", with: "a.0x1"),
        "https://1.2.3.04/", "https://rp.test:99999/", "https://rp.test:123456/", "wss://rp.test",
    ])
    func `that two parsers could read differently is none`(text: String) {
        #expect(WebAddress(parsing: text) == nil)
    }
}

@Suite struct `A base URL` {
    @Test(arguments: [
        ("https://id.acme.test", "https://id.acme.test", "https://id.acme.test", ""),
        ("https://id.acme.test/", "https://id.acme.test", "https://id.acme.test", ""),
        (
            "https://acme.test:8443/id//", "https://acme.test:8443/id", "https://acme.test:8443",
            "/id"
        ),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("http://localhost", "http://localhost", "http://localhost", ""),
    ])
    func `has an origin and a path`(
        text: String, trimmed: String, origin: String, path: String
    ) throws {
        let base = try BaseURL(parsing: text)
        #expect(base.text == trimmed && base.origin == origin && base.path == path)
    }

    @Test(arguments: [
        "", "/", "id.acme.test", "https://", "https://id.acme.test?x", "https://id.acme.test/#x",
        "https://kay@acme.test", "ftp://acme.test", "https://ACME.test", "https://acme.test/../x",
        "https://acme.test/a b", "https://caf\u{E9}.test",
    ])
    func `is an address without a query`(text: String) {
        #expect(throws: BaseURL.Malformed.notAnAddress) { try BaseURL(parsing: text) }
    }

    @Test func `is of https but on loopback`() {
        #expect(throws: BaseURL.Malformed.needsHTTPS) {
            try BaseURL(parsing: "http://id.acme.test")
        }
    }

    @Test func `makes issuers, one for each tenant`() throws {
        let issuer = Issuer(base: try BaseURL(parsing: "https://acme.test/id/"), slug: "acme")
        #expect(issuer.text == "https://acme.test/id/t/acme")
        #expect(issuer.url("/token") == "https://acme.test/id/t/acme/token")
    }
}
