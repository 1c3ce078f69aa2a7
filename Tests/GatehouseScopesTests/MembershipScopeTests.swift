import GatehouseScopes
import Testing

private func scopes(_ texts: [String]) -> [MembershipScope] {
    texts.compactMap { MembershipScope($0) }
}

@Suite struct `A scope of a membership` {
    @Test(arguments: [
        "users:read", "users.verifiers:write", "users.verifiers.backup:read", "users:*",
        "users:**", "*:read", "*:*", "*:**", "a-b_c.D9:E-f_1", "urn:acme:reports:read", "a:b.c:d",
        "owner", "admin", "member", "owner:read", "admin:owner",
    ])
    func `keeps its text`(_ text: String) throws {
        #expect(try #require(MembershipScope(text)).text == text)
    }

    @Test(arguments: [
        "", ":", "::", "read", "Owner", "OWNER", "owner ", " owner", "owners", "users:", ":read",
        "users::read", ":users:read", "users.:read", ".users:read", "users..x:read", "users:read:",
        "**:read", "***:read", "users:***", "users:r*", "us*:read", "users.*:read", "*.x:read",
        "users.**:read", "*:", "*", "**", "users :read", "users: read", "users:read ", "users\t:a",
        "users:read\n", "users:re\"ad", "users:re\\ad", "users/x:read", "users:a.b", "üsers:read",
        "users:r\u{E9}ad", "users:re\u{301}ad", "ｕsers:read", "users\0:read", "users:read,x:y",
    ])
    func `of another form is none`(_ text: String) {
        #expect(MembershipScope(text) == nil)
    }

    @Test func `has a length that it may not exceed`() {
        let longest = String(repeating: "a", count: MembershipScope.limit - 5) + ":read"
        #expect(MembershipScope(longest) != nil)
        #expect(MembershipScope("a" + longest) == nil)
        #expect(MembershipScope(String(repeating: "a:", count: 1_000_000) + "b") == nil)
    }

    @Test func `is ordered by its bytes`() {
        let sorted = scopes(["users:read", "admin", "Users:read", "*:read", "users.x:read"])
            .sorted()
        #expect(
            sorted.map(\.text) == ["*:read", "Users:read", "admin", "users.x:read", "users:read"])
    }
}

@Suite struct `What is held` {
    @Test(
        arguments: [
            ("users:read", "read", "users", true), ("users:read", "write", "users", false),
            ("users:read", "read", "users.x", false), ("users:read", "read", "user", false),
            ("users:read", "read", "userss", false), ("users:read", "READ", "users", false),
            ("users.x:read", "read", "users.x", true), ("users.x:read", "read", "users", false),
            ("users:*", "read", "users", true), ("users:*", "read", "users.x", false),
            ("users:**", "read", "users", true), ("users:**", "read", "users.x", true),
            ("users:**", "read", "users.x.y", true), ("users:**", "read", "usersx", false),
            ("users:**", "read", "users-x", false), ("users:**", "read", "users:x", false),
            ("users.x:**", "read", "users", false), ("users.x:**", "read", "users.y", false),
            ("*:read", "read", "users", true), ("*:read", "write", "users", false),
            ("*:read", "read", "users.x", false), ("*:*", "read", "users", true),
            ("*:*", "read", "users.x", false), ("*:**", "read", "users", true),
            ("*:**", "anything", "users.x.y", true), ("a:b:read", "read", "a:b", true),
            ("a:b:read", "b:read", "a", false), ("a:**", "read", "a:b", false),
            ("a:b:**", "read", "a:b.c", true), ("*:read", "read", "a:b", true),
        ] as [(String, String, String, Bool)])
    func `allows what it says`(held: String, action: String, resource: String, allowed: Bool) {
        #expect(scopes([held]).count == 1)
        #expect(MembershipScope.allow(action, on: resource, held: scopes([held])) == allowed)
        #expect(
            MembershipScope.allow(action, on: resource, held: scopes(["z.z:zz", held, "member"]))
                == allowed)
    }

    @Test(arguments: [
        ("", "users"), ("read", ""), ("*", "users"), ("**", "users"), ("read", "*"),
        ("read", "users.*"), ("read", "users."), ("read", ".users"), ("read", "users..x"),
        ("re ad", "users"), ("read", "users "), ("a.b", "users"), ("a:b", "users"),
        ("read", "users:"), ("read\0", "users"), ("r\u{E9}ad", "users"),
    ])
    func `answers no to what is no question`(action: String, resource: String) {
        let everything = scopes(["*:**", "*:*", "users:**", "owner", "admin", "member"])
        #expect(!MembershipScope.allow(action, on: resource, held: everything))
    }

    @Test func `is nobody by a wildcard, and allows nothing by a bare word`() {
        let wildcards = scopes(["*:**", "*:*", "owner:**", "admin:*", "member:owner"])
        #expect(wildcards.count == 5)
        for word in [MembershipScope.owner, .admin, .member] {
            #expect(!wildcards.contains(word))
            #expect(!MembershipScope.allow("read", on: "users", held: [word]))
            #expect(!MembershipScope.allow(word.text, on: word.text, held: [word]))
        }
        #expect(!MembershipScope.allow("read", on: "users", held: []))
    }

    /// Each scope over a small vocabulary against each question, compared with the rules as they are
    /// written: part by part instead of by text.
    @Test func `is decided as the rules say, whatever is held and asked`() {
        let names = ["a", "b", "ab"]
        let resources =
            names + names.flatMap { one in names.map { "\(one).\($0)" } } + ["a.b.a", "a.b.ab"]
        for resource in resources + ["*"] {
            for action in names + ["*", "**"] {
                let held = scopes(["\(resource):\(action)"])
                for asked in resources {
                    for wanted in names {
                        #expect(
                            MembershipScope.allow(wanted, on: asked, held: held)
                                == expected(resource, action, wanted, asked),
                            "\(resource):\(action) for \(wanted) on \(asked)")
                    }
                }
            }
        }
    }

    private func expected(
        _ resource: String, _ action: String, _ wanted: String, _ asked: String
    ) -> Bool {
        let held = resource.split(separator: ".")
        let parts = asked.split(separator: ".")
        switch (resource, action) {
        case ("*", "**"): return true
        case ("*", "*"): return parts.count == 1
        case ("*", _): return parts.count == 1 && action == wanted
        case (_, "**"): return parts.count >= held.count && Array(parts.prefix(held.count)) == held
        case (_, "*"): return parts == held
        default: return parts == held && action == wanted
        }
    }
}
