import GatehouseProtocol
import Testing

/// Why a URI cannot be registered; nil if it can.
func refusal(ofRegistering text: String) -> RedirectURI.Refusal? {
    do throws(RedirectURI.Refusal) {
        _ = try RedirectURI(registering: text)
        return nil
    } catch {
        return error
    }
}

@Suite struct `A redirect URI` {
    private static let registered = "https://rp.test/cb"

    private func covers(_ registered: String, _ requested: String) throws -> Bool {
        let covering = try RedirectURI(registering: registered).covers(requested)
        if let covering { #expect(covering.text == requested) }
        return covering != nil
    }

    @Test(arguments: [
        ("https://rp.test", "https://rp.test"), ("https://rp.test/", "https://rp.test"),
        ("https://rp.test/cb?a=1&b=%20", "https://rp.test"),
        ("https://rp.test:8443/cb", "https://rp.test:8443"),
        ("https://a-b.rp.test/~kay/(x);y=1,z/'!$*+", "https://a-b.rp.test"),
        ("https://192.0.2.7/cb", "https://192.0.2.7"), ("https://rp/cb", "https://rp"),
        ("http://127.0.0.1/cb", "http://127.0.0.1"), ("http://[::1]:9/cb", "http://[::1]:9"),
        ("http://localhost:3000/cb", "http://localhost:3000"),
        ("https://[::1]/cb", "https://[::1]"),
        (
            "https://xn--caf-dma.test/cb",
            "https://xn--caf-dma.test"
        ),
        ("com.acme.app:/cb", "com.acme.app:"), ("com.acme.app://cb", "com.acme.app:"),
        ("com.acme.app-2:/cb?a=1", "com.acme.app-2:"),
    ])
    func `that every program reads alike can be registered`(text: String, target: String) throws {
        let uri = try RedirectURI(registering: text)
        #expect(uri.text == text)
        #expect(uri.formTarget == target)
        #expect(uri.covers(text)?.text == text)
    }

    @Test(arguments: [
        // GH-034, GH-035: user information and backslashes
        "https://rp.test@evil.test/cb", "https://rp.test:443@evil.test/cb",
        "http://127.0.0.1:80@evil.test/", "https://kay:secret@rp.test/cb", "https://@rp.test/",
        "https://rp.test\\@evil.test/cb", "https:\\\\evil.test", "/\\evil.test",
        "https://evil.test\\.rp.test/cb",
        // GH-053: relative ones
        "//evil.test", "///evil.test", "/\\evil.test", "/%09/evil.test", "/.evil.test",
        "https:evil.test", "http:/evil.test", "https:///evil.test", "https://", "https://?x",
        "rp.test/cb", "",
        // GH-041, GH-044: other spellings of a scheme or host
        "HTTPS://rp.test/cb", "https://RP.test/cb", "https://rp.test./cb", "https://.rp.test/",
        "https://rp..test/", "https://-rp.test/", "https://rp-.test/", "https://rp_x.test/",
        "http://127.1/cb", "http://0x7f000001/cb", "http://2130706433/cb", "http://0177.0.0.1/",
        "http://127.0.0.01/", "http://127.0.0.256/", "http://[::1%25lo]/", "http://[0:0::1]/",
        "http://[::ffff:127.0.0.1]/", "https://rp.test:/cb", "https://rp.test:0443/cb",
        "https://rp.test:65536/cb", "https://rp.test:0/cb", "https://rp.test:+1/", "https://*.a/",
        "https://rp.test:４４３/cb", "https://rp.test:44a/",
        // GH-050, GH-052: what is not visible ASCII
        "https://rp.test/caf\u{E9}", "https://rp.test/cafe\u{301}", "https://caf\u{E9}.test/",
        "https://rp.test/cb ", "https://rp.test/cb\n", "https://rp.test/cb\r\nX:y",
        "https://rp\t.test/", "https://rp.test/cb\0",
        "https://rp.test/c b", "https://rp。test/cb", "https://rp\u{AD}.test/",
        // What RFC 3986 leaves out, and dot segments
        "https://rp.test/\"", "https://rp.test/<a>", "https://rp.test/{a}", "https://rp.test/a|b",
        "https://rp.test/a^b", "https://rp.test/`", "https://rp.test/../cb",
        "https://rp.test/./cb", "https://rp.test/a/..", "https://rp.test/%2e%2e/cb",
        "https://rp.test/%2E./cb", "https://rp.test/.%2e/cb",
    ])
    func `GH-034, GH-035, GH-050, GH-052: that could be read in two ways cannot be registered`(
        text: String
    ) {
        #expect(refusal(ofRegistering: text) == .notAbsolute)
    }

    // Conformance: oidcc-redirect-uri-regfrag refused
    @Test(arguments: ["https://rp.test/cb#", "https://rp.test/cb#x", "#", "com.acme.app:/cb#x"])
    func `GH-040: with a fragment cannot be registered`(text: String) {
        #expect(refusal(ofRegistering: text) == .fragment)
    }

    @Test(arguments: [
        "http://rp.test/cb", "http://127.0.0.2/cb", "http://127.0.0.1.evil.test/",
        "http://localhost.evil.test/", "http://10.0.0.1/", "http://local/",
    ])
    func `GH-043: of plain http cannot be registered but on loopback`(text: String) {
        #expect(refusal(ofRegistering: text) == .needsHTTPS)
    }

    @Test(arguments: [
        "javascript:alert(1)//rp.test/cb", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
        "blob:https://rp.test/x", "about:blank", "mailto:a@b.c", "ftp://rp.test/", "acme:/cb",
        "ws://rp.test/", "urn:ietf:wg:oauth:2.0:oob", "com.acme.APP:/cb", "Com.acme.app:/cb",
        "com.acme.app:cb", "com.acme.app:", "com.acme.app.:/cb", ".com.acme:/cb", "1com.acme:/cb",
        "com.acme_app:/cb", "com.acme+app:/cb", "com.acme.app:/c b", "com.acme.app:/\"",
        "com.acme.app:/a@b", "com.acme.app:/cb\n", "com.acme.app:/\u{E9}", "com.äcme:/cb",
        "java script:x", ":/cb", " https://rp.test/cb",
    ])
    func `GH-043, GH-046: of another scheme cannot be registered`(text: String) {
        #expect(refusal(ofRegistering: text) == .scheme)
    }

    @Test(arguments: [
        "https://rp.test/cb?code=x", "https://rp.test/cb?a=1&state=", "https://rp.test/cb?iss",
        "https://rp.test/cb?error=x", "https://rp.test/cb?c%6Fde=x", "com.acme.app:/cb?state=x",
        "https://rp.test/cb?error_description=x", "http://127.0.0.1/cb?response=x",
    ])
    func `GH-007: with a parameter of the answer cannot be registered`(text: String) {
        #expect(refusal(ofRegistering: text) == .responseParameter)
        #expect(refusal(ofRegistering: text.replacing("?", with: "/")) == nil)
    }

    @Test(arguments: [
        "https://rp.test/cb?%zz&code=x", "https://rp.test/cb?a=%ff&state=x", "https://rp.test/?%",
        "com.acme.app:/cb?%0", "http://127.0.0.1/cb?%00",
    ])
    func `GH-007: with a query that is no form cannot be registered`(text: String) {
        #expect(refusal(ofRegistering: text) == .query)
    }

    @Test func `GH-055: has a length that it may not exceed`() throws {
        let longest = "https://rp.test/".padded(to: 2_000)
        #expect(refusal(ofRegistering: longest) == nil)
        #expect(refusal(ofRegistering: longest + "a") == .tooLong)
        #expect(refusal(ofRegistering: "https://rp.test/".padded(to: 70_000)) == .tooLong)
        #expect(try !covers(Self.registered, "https://rp.test/cb".padded(to: 65_536 + 18)))
        #expect(try !covers("http://127.0.0.1/", "http://127.0.0.1:1/".padded(to: 70_000)))
    }

    @Test(arguments: [
        "https://rp.test.evil.test/cb", "https://evilrp.test/cb",  // GH-031, GH-032
        "https://rp.test@evil.test/cb", "https://rp.test:443@evil.test/cb",  // GH-034
        "https://rp.test\\@evil.test/cb", "https:\\\\evil.test", "/\\evil.test",  // GH-035
        "https://rp.test/cb/", "https://rp.test/cb/x", "https://rp.test/cbx",  // GH-037
        "https://rp.test/c%62", "https://rp.test//cb", "https://rp.test/./cb",
        "https://rp.test/x/../cb", "https://rp.test/cb;x", "https://rp.test/", "https://rp.test",
        "https://rp.test/cb?", "https://rp.test/cb?x=1",  // GH-038
        "https://rp.test/cb#", "https://rp.test/cb#x", "https://rp.test/cb%23x",  // GH-040
        "HTTPS://rp.test/cb", "https://RP.test/cb", "https://rp.test/CB",  // GH-041
        "http://rp.test/cb", "javascript:alert(1)//rp.test/cb", "data:text/html,x",  // GH-043
        "https://rp.test:443/cb", "https://rp.test:8443/cb", "https://rp.test./cb",  // GH-044
        "https://rp.test/cb%00", "https://rp.test/cb ", " https://rp.test/cb",  // GH-052
        "https://rp.test/cb\t", "https://rp.test/cb\n", "https://rp.test/cb%20",
        "https://rp.test/cb%0d%0aX:y", "https://rp\t.test/cb", "https://rp.test/cb\0",
        "//rp.test/cb", "///rp.test/cb", "https:rp.test/cb", "https:/rp.test/cb", "",  // GH-053
    ])
    func `GH-031 to GH-053: covers nothing but its own bytes`(requested: String) throws {
        #expect(try !covers(Self.registered, requested))
        #expect(try covers(Self.registered, Self.registered))
    }

    // Conformance: oidcc-redirect-uri-query-mismatch refused
    @Test func `GH-038: a query that was not registered is refused`() throws {
        let registered = "https://rp.test/cb?a=1"
        #expect(try covers(registered, registered))
        for query in ["", "?", "?a=2", "?a=1&b=2", "?b=2&a=1", "?a=1&", "?A=1", "?a=%31"] {
            #expect(try !covers(registered, "https://rp.test/cb" + query))
        }
    }

    @Test(arguments: [
        "com.acme.app://cb", "com.acme.APP:/cb", "comXacme.app:/cb", "com.acme.app:/cb/",
        "com.acme.app:/cb?x", "com.acme.app:cb", "com.acme.app2:/cb",
    ])
    func `GH-046: of a private-use scheme covers nothing but its own bytes`(
        requested: String
    ) throws {
        #expect(try !covers("com.acme.app:/cb", requested))
    }

    @Test func `GH-448: covers no canonically equivalent text`() throws {
        // To Swift the Kelvin sign equals K, and the Greek question mark equals the semicolon.
        #expect("https://rp.test/K" == "https://rp.test/\u{212A}")
        #expect(try !covers("https://rp.test/K", "https://rp.test/\u{212A}"))
        #expect(try !covers("https://rp.test/a;b", "https://rp.test/a\u{37E}b"))
    }
}

extension String {
    /// The text with as many letters behind it as make it so long.
    func padded(to count: Int) -> String {
        self + "a".times(count - utf8.count)
    }
}
