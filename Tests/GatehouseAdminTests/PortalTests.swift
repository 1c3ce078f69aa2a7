import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import Testing

@testable import GatehouseAdmin

@Suite struct `The portal` {
    @Test func `has a page for each operation, or says where it is instead`() {
        for endpoint in AdminEndpoint.all {
            let screen = PortalScreen.byOperation[endpoint.operation]
            let elsewhere = PortalScreen.elsewhere[endpoint.operation]
            #expect((screen == nil) != (elsewhere == nil), "\(endpoint.operation)")
        }
        let paths = PortalScreen.all.map(\.path)
        #expect(Set(paths).count == paths.count)
    }

    /// A page that nothing leads to is found by nobody.
    @Test func `leads to each of its pages`() throws {
        let fromMenu = Set([
            "tenants", "administrators", "administrator-keys", "admin-links", "audit/key", "health",
            "tenants/{tenant}/audit/checkpoint", "tenants/{tenant}/redirect-uri-check",
        ])
        for screen in PortalScreen.all where !fromMenu.contains(screen.path) {
            let leading = PortalScreen.all.contains { other in
                let below =
                    other.actions + other.actionsOnEach + other.parts
                    + [other.each].compactMap(\.self)
                let members = (other.endpoint.answer.shape?.fields ?? []).flatMap {
                    other.actions(onEachOf: $0.name)
                }
                return other.kind != .form && (below + members).contains { $0.path == screen.path }
            }
            #expect(leading, "\(screen.path)")
        }
    }

    @Test func `knows the names in each path`() {
        for screen in PortalScreen.all {
            let known = Set(screen.placeholders + screen.asked)
            #expect(known == Set(screen.endpoint.placeholders), "\(screen.path)")
        }
    }
}

@Suite struct `A form of the portal` {
    private func arguments(
        _ operation: Operation.Name, now current: JSONValue?, _ sent: [(String, String)]
    ) throws -> JSONObject {
        let screen = try #require(PortalScreen.byOperation[operation])
        let form = PortalForm(screen, current: current, sent: FormParameters(sent))
        return JSONObject(try form.arguments().map { ($0.0, $0.1 ?? .null) })
    }

    @Test func `asks for what differs, and nothing else`() throws {
        let now: JSONValue = [
            "name": "Shop", "redirect_uris": ["https://a.test/", "https://b.test/"],
            "pkce": "required", "access_token_lifetime": 900, "disabled_at": .null,
            "organizations": "none",
        ]
        #expect(try arguments(.updateClient, now: now, []).members.isEmpty)
        let same = [
            ("name", "Shop"), ("redirect_uris", "https://a.test/\r\nhttps://b.test/\r\n"),
            ("pkce", "required"), ("access_token_lifetime", "900"), ("disabled", "false"),
            ("organizations", "none"),
        ]
        #expect(try arguments(.updateClient, now: now, same).members.isEmpty)
        let changed = [
            ("name", " Store "), ("redirect_uris", "https://a.test/\n\n  https://c.test/"),
            ("access_token_lifetime", "60"), ("disabled", "true"), ("organizations", "all"),
        ]
        let made = try arguments(.updateClient, now: now, changed)
        #expect(made["name"]?.string == "Store" && made["disabled"]?.bool == true)
        #expect(made["redirect_uris"]?.strings == ["https://a.test/", "https://c.test/"])
        #expect(made["access_token_lifetime"]?.integer == 60)
        #expect(made["organizations"]?.strings == ["all"])
        #expect(made.members.count == 5)
    }

    @Test func `empties a list and a text`() throws {
        let now: JSONValue = ["redirect_uris": ["https://a.test/"], "policy_uri": "https://p.test"]
        let made = try arguments(
            .updateClient, now: now, [("redirect_uris", ""), ("policy_uri", "")])
        #expect(made["redirect_uris"]?.strings == [] && made["policy_uri"]?.string == "")
    }

    @Test(arguments: [
        ("access_token_lifetime", "1e3"), ("access_token_lifetime", "+900"),
        ("access_token_lifetime", "9223372036854775808"), ("access_token_lifetime", "29"),
        ("pkce", "none"), ("disabled", "yes"), ("jwks", "{"), ("jwks", "[]"),
    ])
    func `says which field is wrong`(_ name: String, _ value: String) throws {
        let problem = #expect(throws: Problem.self) {
            try arguments(.updateClient, now: [:], [(name, value)])
        }
        #expect(problem?.pointer == "/" + name && problem?.code == .invalidRequest)
    }

    @Test func `wants what it cannot do without`() {
        let problem = #expect(throws: Problem.self) {
            try arguments(.createTenant, now: nil, [("name", "x")])
        }
        #expect(problem?.pointer == "/slug")
    }

    @Test func `reads names with their meanings`() throws {
        let made = try arguments(
            .updateResource, now: ["scopes": ["a:b": "Old"]],
            [("scopes", "a:b: Old\nc:d: Read: all of it")])
        #expect(made["scopes"]?.strings == ["a:b=Old", "c:d=Read: all of it"])
        #expect(throws: Problem.self) {
            try arguments(.updateResource, now: [:], [("scopes", "without meaning")])
        }
    }
}

@Suite struct `A link of the portal` {
    private func place(_ values: [(name: String, value: String)]) throws -> PortalPlace {
        PortalPlace(base: try .init(parsing: "https://id.test/auth"), values: values)
    }

    @Test func `has names as they are, and is none without them`() throws {
        let place = try place([("tenant", "acme"), ("user", "a/b?c#d ü")])
        #expect(
            place.link("tenants/{tenant}/users/{user}")?.target
                == "/auth/admin/tenants/acme/users/a%2Fb%3Fc%23d%20%C3%BC")
        #expect(place.link("tenants/{tenant}/clients/{client}") == nil)
        #expect(
            place.link("tenants/{tenant}/users", [("after", "&x=1")])?.target
                == "/auth/admin/tenants/acme/users?after=%26x%3D1")
    }

    @Test func `leads from an id to what it stands for`() throws {
        let place = try place([("tenant", "acme")])
        #expect(place.link(of: "usr_1")?.target == "/auth/admin/tenants/acme/users/usr_1")
        #expect(place.link(of: "grt_1") == nil && place.link(of: "javascript:1") == nil)
    }
}

@Suite struct `A chart` {
    @Test func `has its numbers in a table, too`() {
        let chart = StackedBars(
            title: "Sign-ins", series: ["In", "Out"],
            bars: [("00:00", [0, 0]), ("01:00", [1_000, 1])])
        #expect(chart.html.string.contains("1001 in all"))
        #expect(chart.html.string.contains("<td role=\"cell\" data-label=\"In\">1000</td>"))
        // What happened once is seen beside what happened a thousand times.
        #expect(chart.html.string.contains("height=\"2\""))
        #expect(StackedBars(title: "", series: [], bars: []).html.string.contains("0 in all"))
        #expect(!Sparkline(words: "<", numbers: [0, 3]).html.string.contains("\"<\""))
    }
}
