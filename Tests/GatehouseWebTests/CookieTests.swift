import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Testing

/// Cookies (attacks.md GH-442) and the origin of form posts.
@Suite struct `Cookies and origins` {
    static let session = CookieName("session")

    static func cookies(_ lines: [String]) -> Cookies {
        var headers = HTTPFields()
        for line in lines { headers.append(HTTPField(name: .cookie, value: line)) }
        return Cookies(headers)
    }

    @Test(
        arguments: [
            (["__Host-session=abc"], "abc"),
            (["a=b; __Host-session=abc;c=d"], "abc"),
            (["a=b", "__Host-session=abc"], "abc"),
            (["\t__Host-session = abc "], "abc"),
            (["$Version=1; __Host-session=abc"], "abc"),
            (["__Host-session=abc; ; =x; y"], "abc"),
            (["__Host-session=a; __Host-session=a"], nil),
            (["__Host-session=a", "__Host-session=b"], nil),
            (["__host-session=abc"], nil), (["session=abc"], nil), (["__Host-session"], nil),
            (["__Host-session="], nil), (["__Host-session=\"abc\""], nil),
            (["__Host-session=a b"], nil),
            (["__Host-session=a\u{E9}"], nil), (["__Host-session=a=b"], nil),
            (["__Host-session=a,b"], nil),
            (["__Host-sessio\u{6E}\u{301}=abc"], nil), ([], nil), ([""], nil),
            ([(0..<64).map { "c\($0)=a" }.joined(separator: ";") + ";__Host-session=abc"], nil),
            ([(0..<63).map { "c\($0)=a" }.joined(separator: ";") + ";__Host-session=abc"], "abc"),
            (["a=" + String(repeating: "a", count: 8192), "__Host-session=abc"], nil),
        ] as [([String], String?)])
    func `GH-442: only one exact cookie of ours is seen`(lines: [String], value: String?) {
        #expect(Self.cookies(lines)[Self.session] == value)
    }

    @Test(arguments: ["i x", "i\tx", "", "i\u{E9}"])
    func `a cookie whose name is no token is not seen`(suffix: String) {
        let name = CookieName("browser.").adding(suffix)
        #expect((Self.cookies(["\(name.text)=abc"])[name] != nil) == suffix.isEmpty)
    }

    @Test func `a cookie of ours is only for this host, encrypted, and not for scripts`() {
        #expect(
            SetCookie(Self.session, value: "abc", sameSite: .lax)?.headerValue
                == "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax")
        let long = SetCookie(
            Self.session, value: "abc", sameSite: .strict, maxAge: .milliseconds(90_500))
        #expect(
            long?.headerValue
                == "__Host-session=abc; Max-Age=90; Path=/; Secure; HttpOnly; SameSite=Strict")
        #expect(
            SetCookie(removing: Self.session).headerValue
                == "__Host-session=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax")
    }

    @Test(arguments: [
        "", "a b", "a;b", "a\r\nSet-Cookie: x=y", "a,b", "\"a\"", "a=b", "\u{E9}", "a\u{0}",
    ])
    func `GH-449: a value that is no token makes no cookie`(value: String) {
        #expect(SetCookie(Self.session, value: value, sameSite: .lax) == nil)
    }

    @Test(
        arguments: [
            ([], [], true), (["same-origin"], [], true), (["none"], [], false),
            (["same-site"], [], false), (["cross-site"], [], false), (["Same-Origin"], [], false),
            ([""], [], false), (["same-origin", "same-origin"], [], false),
            ([], ["https://id.test"], true), (["same-origin"], ["https://id.test"], true),
            (["same-origin"], ["https://evil.test"], false),
            (["cross-site"], ["https://id.test"], false),
            ([], ["null"], false), ([], ["https://id.test/"], false),
            ([], ["http://id.test"], false),
            ([], ["https://id.test:443"], false), ([], ["https://ID.test"], false),
            ([], [""], false),
            ([], ["https://id.test", "https://id.test"], false),
            ([], ["https://id.test.evil.test"], false),
        ] as [([String], [String], Bool)])
    func `a form post from elsewhere is refused`(
        site: [String], origin: [String], isAllowed: Bool
    ) throws {
        let name = try #require(HTTPField.Name("Sec-Fetch-Site"))
        var headers = HTTPFields()
        for value in site { headers.append(HTTPField(name: name, value: value)) }
        for value in origin { headers.append(HTTPField(name: .origin, value: value)) }
        #expect(SameOriginCheck.allows(headers, at: "https://id.test") == isAllowed)
    }
}
