import GatehouseCore
import GatehouseEncoding
import Testing

@testable import GatehouseAdmin

@Suite struct `A document` {
    @Test func `says everything that operations take, and nothing besides`() throws {
        for noun in ConfigurationNoun.all {
            for operation in [noun.create, noun.update].compactMap(\.self) {
                let endpoint = try #require(AdminEndpoint.byOperation[operation])
                let said = Set(noun.members.map(\.name)).union(noun.omitted)
                #expect(Set(endpoint.members.map(\.name)).isSubset(of: said), "\(operation)")
            }
            // A member that is left out on purpose is one that there is.
            let taken = [noun.create, noun.update].compactMap(\.self)
                .flatMap { AdminEndpoint.byOperation[$0]?.members.map(\.name) ?? [] }
            #expect(noun.omitted.isSubset(of: taken), "\(noun.word)")
            #expect(Set(noun.references.keys).isSubset(of: noun.members.map(\.name)))
        }
    }

    @Test func `tells everything that is wrong, each with its line`() {
        let text: JSONValue = [
            "gatehouse": 1, "managed_by": "tests",
            "tenants": [
                "acme": ["nmae": "A", "clients": ["shop": ["pkce": "maybe", "redirect_uri": []]]],
                "Acme": [:],
            ],
        ]
        #expect(
            problems(of: text).map(\.sentence) == [
                "“nmae” is not a member of a tenant.",
                "pkce must be one of: required, optional.",
                "“redirect_uri” is not a member of a client. Did you mean redirect_uris?",
                "“Acme” cannot be the slug of a tenant.",
            ])
    }

    @Test(arguments: ["secret", "client_secret", "secrets", "password", "jwk"])
    func `holds no secret`(_ name: String) {
        let client: JSONValue = .object(JSONObject([(name, "cs_hunter2")]))
        let found = problems(of: document(["clients": ["shop": client]]))
        #expect(found.count == 1)
        #expect(found.allSatisfy { !$0.sentence.contains("hunter2") })
    }

    private func problems(of json: JSONValue) -> [ConfigurationProblem] {
        do throws(ConfigurationProblems) {
            _ = try ConfigurationDocument(reading: SourceValue(json))
            return []
        } catch {
            return error.problems
        }
    }
}

@Suite struct `A plan` {
    @Test func `of what is so already is empty`() throws {
        let planned = try plan(
            ["name": "Acme", "clients": ["shop": ["scope": "b a", "redirect_uris": ["y", "x"]]]],
            shop(marked: "tests"))
        #expect(planned.steps.isEmpty && planned.problems.isEmpty)
    }

    @Test func `says in one line what comes and what goes`() throws {
        let planned = try plan(
            ["clients": ["shop": ["redirect_uris": ["x", "z"], "scope": "a"]]],
            shop(marked: "tests"))
        let step = try #require(planned.steps.first)
        #expect(planned.steps.count == 1)
        #expect(step.line == "~ acme: client shop: redirect_uris - y, + z; scope - b")
        #expect(step.questions == [.redirectURI("y"), .scope("b")])
        let operation = try step.operations[0].resolved(shop(marked: "tests").names)
        #expect(operation.name == .updateClient)
        #expect(operation.arguments["client"] == .string(Self.id))
        #expect(operation.arguments["scope"] == "a")
        #expect(operation.arguments["name"] == nil)
        #expect(operation.expected == Revision(of: .object(Self.shown)))
    }

    @Test func `takes over what nobody manages, and from others only if it is told to`() throws {
        let wanted: JSONObject = ["clients": ["shop": ["name": "Shop"]]]
        let free = try plan(wanted, shop(marked: nil))
        #expect(free.steps.map(\.line) == ["= acme: client shop is managed from now on"])
        #expect(free.steps.map(\.markName) == ["shop"])
        let foreign = try plan(wanted, shop(marked: "others"))
        #expect(foreign.steps.isEmpty && foreign.problems.count == 1)
        let taken = try plan(wanted, shop(marked: "others"), takesOver: true)
        #expect(taken.steps.count == 1 && taken.problems.isEmpty)
    }

    @Test func `deletes what it managed, and nothing else, if it is told to`() throws {
        for (manager, deletes) in [("tests", true), ("others", false), (nil, false)] {
            let kept = try plan(["name": "Acme"], shop(marked: manager))
            #expect(kept.steps.isEmpty && kept.leftAlone.count == (deletes ? 1 : 0))
            let released = try plan(["name": "Acme"], shop(marked: manager), rest: .isReleased)
            #expect(
                released.steps.map(\.line)
                    == (deletes ? ["= acme: client shop is not managed any more"] : []))
            let pruned = try plan(["name": "Acme"], shop(marked: manager), rest: .goes)
            #expect(pruned.leftAlone.isEmpty)
            #expect(pruned.steps.map(\.line) == (deletes ? ["- acme: client shop"] : []))
            #expect(pruned.steps.flatMap(\.questions) == (deletes ? [.everything] : []))
        }
    }

    @Test func `makes what others need first`() throws {
        let planned = try plan(
            [
                "resources": ["https://api.test": ["name": "API", "clients": ["shop"]]],
                "clients": [
                    "shop": [
                        "type": "web", "name": "Shop", "organizations": ["globex"],
                        "disabled": true,
                        "exchanges": [["mode": "delegation", "resources": ["https://api.test"]]],
                    ]
                ],
                "organizations": ["globex": ["name": "Globex", "session_length": "2h"]],
            ], FoundTenant(slug: "acme"))
        #expect(
            planned.steps.map { "\($0.action.sign) \($0.noun.section)" } == [
                "+ tenants", "+ organizations", "+ clients", "+ resources", "~ clients",
            ])
        #expect(
            planned.steps.flatMap(\.operations).map(\.name) == [
                .createTenant, .createOrganization, .updateOrganization, .createClient,
                .updateClient, .createResource, .createExchange,
            ])
        // What has no id yet cannot be asked for.
        #expect(throws: OperationError.self) {
            try planned.steps[3].operations[0].resolved(ConfigurationNames())
        }
    }

    @Test func `names nothing that is not there`() throws {
        let planned = try plan(
            ["clients": ["shop": ["type": "web", "name": "S", "organizations": ["nobody"]]]],
            FoundTenant(slug: "acme"))
        #expect(planned.problems.count == 1)
    }

    @Test func `tells no terminal what to do`() throws {
        let planned = try plan(
            ["clients": ["shop": ["name": "\u{1B}[2J\u{202E}x"]]], shop(marked: "tests"))
        #expect(planned.steps.map(\.line) == ["~ acme: client shop: name Shop → [2Jx"])
    }

    @Test func `says what is used of what goes`() {
        let usage: JSONValue = [
            "since": "2026-11-21T00:00:00Z", "sign_ins": 14, "refreshes": 1, "tokens": 0,
            "redirect_uris": [["redirect_uri": "https://a.test", "sign_ins": 14]], "scopes": [],
        ]
        let said = [
            ConfigurationStep.Question.redirectURI("https://a.test"),
            .redirectURI("https://b.test"),
            .scope("a"), .everything,
        ].map { ConfigurationTraffic.answer($0, by: usage) }
        #expect(
            said == [
                "14 sign-ins since 2026-11-21 used https://a.test",
                "no sign-in used https://b.test since 2026-11-21",
                "no sign-in asked for a since 2026-11-21",
                "14 sign-ins, 1 refresh since 2026-11-21",
            ])
    }

    private static let id = Client.ID(at: Timestamp(seconds: 1)).text
    private static let shown: JSONObject = [
        "client_id": .string(id), "name": "Shop", "type": "web", "redirect_uris": ["x", "y"],
        "scope": "a b",
    ]

    /// A tenant with a client.
    private func shop(marked manager: String?) -> FoundTenant {
        var found = FoundTenant(slug: "acme")
        let tenant: JSONObject = ["id": "ten_1", "slug": "acme", "name": "Acme"]
        found.shown = tenant
        found.things = [
            FoundThing(noun: .tenant, name: "acme", shown: tenant),
            FoundThing(noun: .client, name: "shop", shown: Self.shown),
        ]
        found.names.clients["shop"] = Self.id
        if let manager {
            let mark = FoundMark([
                "kind": "client", "id": .string(Self.id), "managed_by": .string(manager),
                "managed_as": "shop",
            ])
            found.marks = [mark].compactMap(\.self)
        }
        return found
    }

    private func plan(
        _ tenant: JSONObject, _ found: FoundTenant, rest: ConfigurationReach.Rest = .stays,
        takesOver: Bool = false
    ) throws -> PlanConfiguration {
        let read = try ConfigurationDocument(reading: SourceValue(document(tenant)))
        let wanted = try #require(read.tenants.first)
        return PlanConfiguration(
            wanted, found, by: "tests",
            within: ConfigurationReach(rest: rest, takesOver: takesOver))
    }
}

@Suite struct `The name of an exported client` {
    @Test func `is a slug that nothing else has`() {
        var taken: Set<String> = ["all"]
        let names = [
            "My Shop!", "my-shop", "Ünï", "…", "…", "all", String(repeating: "a", count: 90),
        ]
        .map { FindConfiguration.name($0, besides: &taken) }
        #expect(names.prefix(6) == ["my-shop", "my-shop-2", "n", "client", "client-2", "all-2"])
        #expect(names.allSatisfy { Slug(parsing: $0) != nil })
        #expect(Set(names).count == names.count)
    }
}

private func document(_ tenant: JSONObject) -> JSONValue {
    ["gatehouse": 1, "managed_by": "tests", "tenants": ["acme": .object(tenant)]]
}
