import GatehouseProtocol
import GatehouseWeb
import Testing

@Suite struct `Links and form targets` {
    @Test(arguments: [
        "//evil.test", "///evil.test", "/\\evil.test", "https:evil.test", "http:/evil.test",
        "javascript:alert(1)", "", "evil", "/a\tb", "/a\nb", " /a", "/a\u{0}", "/é", "\\/evil",
    ])
    func `GH-053, GH-175: a path that could lead elsewhere is none`(_ path: String) {
        #expect(Link(path: path) == nil)
    }

    @Test(arguments: ["/", "/t/demo/sign-in/int_0?account=other", "/a//b"])
    func `a path on this site is one`(_ path: String) {
        #expect(Link(path: path)?.target == path)
    }

    @Test(arguments: [
        "javascript:alert(1)", "data:text/html,x", "https://", "https:///x", "//rp.test", "rp.test",
        "https://rp.test/\"onclick=x", "com.example.app:/cb",
    ])
    func `an address that is not of the web is no link`(_ address: String) {
        #expect(Link(proven: address) == nil)
    }

    @Test(arguments: [
        "https://rp.test; script-src *", "https://rp.test 'unsafe-inline'", "*", "'self'",
        "https://*.rp.test", "javascript:", "data:", "blob:", "https://rp.test\r\nX: y",
        "http\u{212A}s://rp.test", "https://rp.test:99999", "https://rp.test/path", "https://",
    ])
    func `GH-422: no text can widen the policy of a page`(_ origin: String) {
        #expect(FormTarget(origin: origin) == nil)
    }

    @Test(arguments: [
        ("https://rp.test", "https://rp.test"), ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("com.example.app:", "com.example.app:"), ("http://[::1]:80", "http:"),
    ])
    func `a proven origin is named in the policy`(_ origin: String, _ source: String) throws {
        let target = try #require(FormTarget(origin: origin))
        let policy = ContentSecurityPolicy(formTargets: [target, target]).headerValue
        #expect(policy.contains("form-action 'self' \(source);"))
        #expect(policy.hasPrefix("default-src 'none';"))
        #expect(!policy.contains("frame-src"))
    }

    @Test func `only the frames of the page are named in the policy, each once`() throws {
        let one = try #require(FormTarget(origin: "https://rp.test"))
        let two = try #require(FormTarget(origin: "http://127.0.0.1:3000"))
        let policy = ContentSecurityPolicy(frames: [one, two, one]).headerValue
        #expect(policy.contains(" frame-src https://rp.test http://127.0.0.1:3000; "))
        #expect(policy.contains("form-action 'self';"))
    }

    @Test func `a redirect URI of an installed application can be linked to`() throws {
        let uri = try RedirectURI(registering: "com.example.app:/bye")
        #expect(
            Link(to: uri, adding: [("state", "a\r\n\"&b")]).target
                == "com.example.app:/bye?state=a%0D%0A%22%26b")
    }
}
