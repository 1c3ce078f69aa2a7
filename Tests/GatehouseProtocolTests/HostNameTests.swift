import GatehouseProtocol
import Testing

struct HostNameTests {
    @Test(arguments: [
        "login.acme.test", "a.b", "localhost", "xn--bcher-kva.example", "1and1.example",
        "a-b.example.com",
    ])
    func `A name is taken as it is`(_ text: String) {
        #expect(HostName(parsing: text)?.text == text)
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a..b", "Login.acme.test", "a_b.test", "-a.test", "a-.test",
        "127.0.0.1", "1.2.3", "0x7f.1", "10.0.0.1.", "[::1]", "::1", "a.test:443", "a.test/",
        "a.test?", "user@a.test", "a b.test", "bücher.example", "ａ.test", "a.test\r\nx: y",
        "a.test\u{0}",
        String(repeating: "a", count: 64) + ".test",
        String(repeating: "a.", count: 130) + "test", "example.123",
    ])
    func `What is no name in lower case is refused`(_ text: String) {
        #expect(HostName(parsing: text) == nil)
    }

    @Test
    func `Only the case of ASCII letters is ignored in a Host`() {
        #expect(HostName(host: "LOGIN.Acme.Test")?.text == "login.acme.test")
        // The Kelvin sign is a letter whose lower case is in ASCII.
        #expect(HostName(host: "\u{212A}ay.test") == nil)
    }

    @Test
    func `A label stands directly below a domain`() throws {
        let domain = try #require(HostName(parsing: "id.example.com"))
        for (name, label) in [
            ("acme.id.example.com", "acme"), ("a.b.id.example.com", nil), ("id.example.com", nil),
            ("evilid.example.com", nil), ("acme.id.example.com.evil.test", nil),
        ] {
            #expect(try #require(HostName(parsing: name)).label(below: domain) == label)
        }
    }

    @Test
    func `An issuer has an origin and a path`() throws {
        let base = try BaseURL(parsing: "https://id.example.com:8443/auth")
        let byPath = Issuer(base: base, slug: "acme")
        #expect(byPath.text == "https://id.example.com:8443/auth/t/acme")
        #expect(byPath.origin == "https://id.example.com:8443")
        #expect(byPath.path == "/auth/t/acme")
        let byHost = Issuer(base: base, host: try #require(HostName(parsing: "login.acme.test")))
        #expect(byHost.text == "https://login.acme.test:8443")
        #expect(byHost.origin == "https://login.acme.test:8443")
        #expect(byHost.path == "")
    }

    @Test(arguments: [
        "https://app.example.com", "https://app.example.com:8443", "http://localhost:3000",
        "http://127.0.0.1", "http://[::1]:3000",
    ])
    func `An origin is taken as browsers write it`(_ text: String) {
        #expect(WebOrigin(parsing: text)?.text == text)
    }

    @Test(arguments: [
        "", "null", "*", "https://*.example.com", "https://app.example.com/",
        "http://app.example.com",
        "https://app.example.com:443", "http://localhost:80", "https://APP.example.com",
        "https://app.example.com https://b.test", "https://u@app.example.com", "app://x",
        "https://app.example.com?x",
    ])
    func `What no browser would write is no origin`(_ text: String) {
        #expect(WebOrigin(parsing: text) == nil)
    }
}
