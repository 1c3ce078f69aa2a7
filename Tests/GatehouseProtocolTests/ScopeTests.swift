import GatehouseProtocol
import Testing

@Suite struct `A scope` {
    @Test(
        arguments: [
            ("openid", ["openid"]), ("openid email", ["openid", "email"]), ("b a", ["b", "a"]),
            ("  a   b  ", ["a", "b"]), ("a b a a", ["a", "b"]), ("", []), ("   ", []),
            ("a:b/c.d#e![]~", ["a:b/c.d#e![]~"]), ("OpenID openid", ["OpenID", "openid"]),
        ] as [(String, [String])])
    func `holds each value once, in order`(text: String, values: [String]) throws {
        let scope = try Scope(parsing: text)
        #expect(scope.values == values)
        #expect(scope.text == values.joined(separator: " "))
        #expect(scope.isEmpty == values.isEmpty)
    }

    @Test(arguments: [
        "a\"b", "a\\b", "a\tb", "a\nb", "a\r\nb", "openid\0admin", "caf\u{E9}", "cafe\u{301}",
        "a\u{A0}b", "a\u{7F}", "ｏｐｅｎｉｄ", "🔑",
    ])
    func `GH-011: of other characters than the standard's is refused`(text: String) {
        #expect(refusalCode { () throws(OAuthError) in try Scope(parsing: text) } == .invalidScope)
    }

    @Test func `GH-011: has a length that it may not exceed`() throws {
        #expect(try Scope(parsing: "a".times(4_096)).values.count == 1)
        for text in ["a".times(4_097), "a ".times(500_000)] {
            #expect(
                refusalCode { () throws(OAuthError) in try Scope(parsing: text) } == .invalidScope)
        }
    }

    @Test func `is compared with another value by value`() throws {
        let granted = try Scope(parsing: "openid email offline_access")
        #expect(try Scope(parsing: "email").isSubset(of: granted))
        #expect(try Scope(parsing: "").isSubset(of: granted))
        #expect(try Scope(parsing: "email openid").isSubset(of: granted))
        #expect(try !Scope(parsing: "email admin").isSubset(of: granted))
        #expect(try !Scope(parsing: "emai").isSubset(of: granted))
        #expect(try !Scope(parsing: "EMAIL").isSubset(of: granted))
        #expect(granted.subtracting(.identity).isEmpty)
        #expect(try Scope(parsing: "api openid").subtracting(.identity).values == ["api"])
        #expect(try Scope(parsing: "api email").intersection(granted).values == ["email"])
        #expect(granted.contains(Scope.openID) && !granted.contains("OPENID"))
        #expect(Scope.none.isEmpty)
    }
}

@Suite struct `A prompt` {
    @Test(
        arguments: [
            ("none", .none), ("login", .login), ("consent", .consent), ("create", .create),
            ("select_account", .selectAccount), ("login consent", [.login, .consent]),
            ("consent login", [.login, .consent]), ("login login", .login), ("none none", .none),
            ("  login  select_account ", [.login, .selectAccount]), ("", []),
        ] as [(String, Prompt)])
    func `is a set of known values`(text: String, prompt: Prompt) throws {
        #expect(try Prompt(parsing: text) == prompt)
    }

    @Test(arguments: [
        "none login", "consent none", "none create", "none select_account", "xyzzy", "NONE",
        "Login", "login,consent", "login\tconsent", "none\0", "login\u{301}", "log", "loginx",
    ])
    func `GH-013: that is unknown, or not only none, is refused`(text: String) {
        #expect(
            refusalCode { () throws(OAuthError) in try Prompt(parsing: text) } == .invalidRequest)
    }

    @Test func `reads back as it is written`() throws {
        for bits in 0..<UInt8(32) where bits & 1 == 0 || bits == 1 {
            let prompt = Prompt(rawValue: bits)
            #expect(try Prompt(parsing: prompt.text) == prompt)
        }
    }
}
