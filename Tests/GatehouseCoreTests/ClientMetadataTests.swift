import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import Testing

@testable import GatehouseCore

@Suite struct `The identifier of a client` {
    @Test(arguments: [
        "https://agent.test/client.json", "https://agent.test/", "https://agent.test:8443/a/b",
        "https://127.0.0.1:1/c", "https://localhost/c", "https://a.test/%41",
    ])
    func `may be the address of its document`(_ text: String) throws {
        let address = try #require(MetadataDocumentAddress(parsing: text))
        #expect(address.text == text)
        #expect(Client.ID(parsing: text)?.text == text)
        #expect(User.ID(parsing: text) == nil && Resource.ID(parsing: text) == nil)
    }

    @Test(arguments: [
        "http://agent.test/c", "https://agent.test", "https://agent.test?a",
        "https://agent.test/?a",
        "https://agent.test/c#", "https://kay@agent.test/c", "https://Agent.test/c",
        "HTTPS://agent.test/c", "https://agent.test/../c", "https://agent.test/%2E%2e/c",
        "https://agent.test\\@evil.test/c", "https:///c", "https://agent.test:0/c", "agent.test/c",
        "https://agent.test/c\n", "https://agent.test/ü", "https://127.1/c", "client_x", "",
        "https://agent.test/" + String(repeating: "a", count: 500),
    ])
    func `is nothing else`(_ text: String) {
        #expect(MetadataDocumentAddress(parsing: text) == nil)
        #expect(Client.ID(parsing: text) == nil)
    }
}

@Suite struct `A rule for hosts` {
    @Test(arguments: [
        ("a.test", "a.test", true), ("a.test", "b.a.test", false), ("a.test", "xa.test", false),
        ("*.a.test", "b.a.test", true), ("*.a.test", "c.b.a.test", true),
        ("*.a.test", "a.test", false), ("*.a.test", "xa.test", false),
        ("*.a.test", ".a.test", false),
        ("localhost", "localhost", true), ("127.0.0.1", "127.0.0.1", true),
    ])
    func `covers`(_ rule: String, _ host: String, _ isCovered: Bool) throws {
        #expect(try #require(HostRule(parsing: rule)).covers(host) == isCovered)
    }

    @Test(arguments: [
        "", "*", "*.", "**.a.test", "a.*.test", "*a.test", "A.test", "a.test/", "a.test:1",
        "https://a.test", "a test", "a.test#", "ä.test", ".a.test", "1.2.3",
    ])
    func `is no other text`(_ text: String) {
        #expect(HostRule(parsing: text) == nil)
    }

    @Test func `of trust goes by the strictest word`() throws {
        var trust = DocumentTrust()
        #expect(!trust.trusts("a.test"))
        trust.mode = .listed
        #expect(!trust.trusts("a.test"))
        trust.allowed = [try #require(HostRule(parsing: "*.a.test"))]
        #expect(trust.trusts("b.a.test") && !trust.trusts("a.test"))
        trust.mode = .any
        #expect(trust.trusts("a.test"))
        trust.denied = [try #require(HostRule(parsing: "b.a.test"))]
        #expect(trust.trusts("c.a.test") && !trust.trusts("b.a.test"))
    }
}

@Suite struct `What a client says of itself` {
    private func read(_ json: JSONObject) throws -> ClientMetadata {
        try ClientMetadata(json, from: .request)
    }

    private func code(_ json: JSONObject, from source: ClientMetadata.Source) -> OAuthError.Code? {
        do throws(OAuthError) {
            _ = try ClientMetadata(json, from: source)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `is kept where it is known and right`() throws {
        let metadata = try read([
            "client_name": "App", "client_name#de": "Anwendung", "client_name#": "x",
            "logo_uri": "https://a.test/l", "tos_uri": .null, "unknown": ["a"],
            "contacts": ["a@a.test"],
        ])
        #expect(metadata.name?.text == "App")
        #expect(
            metadata.description.members
                == [
                    "client_name#de": "Anwendung", "logo_uri": "https://a.test/l",
                    "contacts": ["a@a.test"],
                ])
        #expect(metadata.grantTypes == [.authorizationCode])
        #expect(metadata.responseModes == [.query])
    }

    @Test func `is refused as a whole where a part of it is wrong`() {
        #expect(code(["redirect_uris": ["x"]], from: .request) == .invalidRedirectURI)
        #expect(code(["redirect_uris": "https://a.test"], from: .request) == .invalidClientMetadata)
        #expect(code(["grant_types": ["password"]], from: .request) == .invalidClientMetadata)
        #expect(code(["scope": "a\\b"], from: .document) == .invalidClientMetadata)
        #expect(code(["policy_uri": "javascript:a"], from: .document) == .invalidClientMetadata)
    }

    @Test func `says how it hears of answers elsewhere`() throws {
        let endpoint = "https://a.test/ping?a=b"
        let mode = "backchannel_token_delivery_mode"
        let address = "backchannel_client_notification_endpoint"
        #expect(try read([:]).tokenDelivery == .poll)
        #expect(try read([mode: "poll", address: .string(endpoint)]).tokenDelivery == .poll)
        let ping = try read([mode: "ping", address: .string(endpoint)])
        #expect(ping.tokenDelivery?.notificationEndpoint?.text == endpoint)
        for json in [
            [mode: "push", address: .string(endpoint)], [mode: "Ping", address: .string(endpoint)],
            [mode: "ping"], [mode: 1], [mode: ["ping"]],
            [mode: "ping", address: "http://a.test/ping"],
            [mode: "ping", address: "https://a.test/#"],
            [mode: "ping", address: "https://a@a.test/"], [mode: "ping", address: "/ping"],
            [address: "https://a.test/\r\nX: y"], [address: ["https://a.test/"]],
        ] as [JSONObject] {
            #expect(code(json, from: .request) == .invalidClientMetadata)
            // Such a client asks nobody who is elsewhere, whatever it says to others.
            #expect(code(json, from: .document) == nil)
        }
    }

    @Test func `may in a document be for other servers too`() {
        let json: JSONObject = [
            "grant_types": ["authorization_code", "future"], "response_types": ["code", "token"],
        ]
        #expect(code(json, from: .document) == nil)
        #expect(code(json, from: .request) == .invalidClientMetadata)
        #expect(code(["response_types": ["token"]], from: .document) == .invalidClientMetadata)
    }

    @Test func `tells of logouts and of where a sign-in begins`() throws {
        let metadata = try read([
            "backchannel_logout_uri": "https://a.test/out",
            "backchannel_logout_session_required": true,
            "frontchannel_logout_uri": "https://a.test/frame?a=b",
            "initiate_login_uri": "https://a.test/login", "subject_type": "pairwise",
            "sector_identifier_uri": "https://a.test/list",
            "userinfo_signed_response_alg": "ES256", "request_object_signing_alg": .null,
        ])
        #expect(metadata.logout.backChannel?.text == "https://a.test/out")
        #expect(metadata.logout.backChannelNeedsSession)
        #expect(metadata.logout.frontChannel?.text == "https://a.test/frame?a=b")
        #expect(!metadata.logout.frontChannelNeedsSession)
        #expect(metadata.initiateLoginURI?.text == "https://a.test/login")
        #expect(metadata.isPairwise && metadata.sectorDocument?.host == "a.test")
        #expect(metadata.userInfoAlgorithm == .es256 && metadata.requestObjectAlgorithm == nil)
    }

    @Test(
        arguments: [
            ["backchannel_logout_uri": "http://a.test/"],
            ["backchannel_logout_uri": ["https://a.test"]],
            ["backchannel_logout_session_required": "true"],
            ["frontchannel_logout_uri": "https://a.test/?sid=1"], ["frontchannel_logout_uri": "x"],
            ["initiate_login_uri": "http://a.test/"],
            ["initiate_login_uri": "https://a.test/?iss=x"],
            ["subject_type": "Pairwise"], ["subject_type": ""], ["sector_identifier_uri": "a.test"],
            ["userinfo_signed_response_alg": "none"], ["request_object_signing_alg": "HS256"],
            ["require_signed_request_object": 1],
        ] as [JSONObject])
    func `GH-338: is refused where such a member is wrong`(_ json: JSONObject) {
        #expect(code(json, from: .request) == .invalidClientMetadata)
        #expect(code(json, from: .document) == .invalidClientMetadata)
    }

    @Test func `for many languages has an end`() {
        let names = (0..<41).map { ("client_name#l\($0)", JSONValue.string("x")) }
        #expect(code(JSONObject(names), from: .request) == .invalidClientMetadata)
        #expect(code(JSONObject(Array(names.prefix(40))), from: .request) == nil)
    }
}

@Suite struct `What may be registered` {
    private func rules(
        _ source: ClientMetadata.Source = .request, limits: RegistrationLimits? = nil,
        _ change: (inout RegistrationPolicy) -> Void = { _ in }
    ) -> RegistrationRules {
        var tenant = Tenant(
            slug: "acme", name: "Acme", registrationIsOpen: false, explainsErrors: false,
            at: World.start)
        change(&tenant.registrationPolicy)
        return RegistrationRules(
            of: tenant, limits: limits, resources: Resources([]), algorithms: [.rs256, .es256],
            source: source)
    }

    private func client(
        _ json: JSONObject, by rules: RegistrationRules,
        from source: ClientMetadata.Source = .request
    ) throws(OAuthError) -> Client {
        let metadata = try ClientMetadata(json, from: source)
        var client = Client(name: metadata.defaultName, kind: .web, at: World.start)
        try rules.apply(metadata, to: &client)
        return client
    }

    @Test func `decides what a client becomes`() throws {
        let web = try client(["redirect_uris": ["https://a.test/cb"]], by: rules())
        #expect(web.kind == .web && web.authentication.name == "client_secret_basic")
        #expect(web.policies.requiresPKCE && web.policies.refreshTokens == .never)
        #expect(web.name.text == "a.test")
        let native = try client(["redirect_uris": ["http://localhost/cb"]], by: rules())
        #expect(native.kind == .native && !native.isConfidential)
        #expect(native.policies.rotation == .rotate)
        let page = try client(
            ["redirect_uris": ["https://a.test/cb"], "token_endpoint_auth_method": "none"],
            by: rules())
        #expect(page.kind == .spa)
        // Where no secret may be registered, nobody gets one by saying nothing.
        let agent = try client(["redirect_uris": ["https://a.test/cb"]], by: rules { $0 = .mcp })
        #expect(agent.authentication.name == "none")
    }

    @Test func `GH-338: leaves to the operator what is the operator's`() throws {
        let metadata = try ClientMetadata(
            ["redirect_uris": ["https://a.test/cb"], "party": "first"], from: .request)
        var client = Client(declaring: metadata, as: .registered, at: World.start)
        #expect(client.isOfThirdParty)
        client.policies.allowsBackchannelAuthentication = true
        client.policies.allowsPartialConsent = true
        let page = try ClientMetadata(
            ["redirect_uris": ["https://a.test/cb"], "token_endpoint_auth_method": "none"],
            from: .request)
        try rules().apply(page, to: &client)
        #expect(client.kind == .spa && client.isOfThirdParty)
        #expect(client.policies.allowsPartialConsent)
        // What only a client with a secret may do does not outlast the secret.
        #expect(!client.policies.allowsBackchannelAuthentication)
        #expect(client.policies.rotation == .rotate && client.policies.requiresDPoPNonce)
        client.policies.party = .first
        client.adopt(.fapi2)
        try rules().apply(metadata, to: &client)
        #expect(client.kind == .web && !client.isOfThirdParty)
        #expect(client.policies.profile == .fapi2 && !client.contradictions.isEmpty)
    }

    @Test func `GH-341: is a sector of its own host`() throws {
        let uris: JSONValue = ["https://a.test/cb"]
        let pairwise = try client(["redirect_uris": uris, "subject_type": "pairwise"], by: rules())
        #expect(pairwise.policies.subjectType.sector?.host == "a.test")
        let listed = try client(
            [
                "redirect_uris": uris, "subject_type": "pairwise",
                "sector_identifier_uri": "https://b.test/list",
            ], by: rules())
        #expect(listed.policies.subjectType.sector?.host == "b.test")
        let devices = rules { $0.grantTypes.append(.deviceCode) }
        let device = "urn:ietf:params:oauth:grant-type:device_code"
        for json: JSONObject in [
            ["redirect_uris": ["https://a.test/cb", "https://b.test/cb"]],
            ["redirect_uris": ["com.example.app:/cb"]],
            ["redirect_uris": uris, "grant_types": ["authorization_code", .string(device)]],
            ["grant_types": [.string(device)], "sector_identifier_uri": "https://a.test/list"],
        ] {
            var json = json
            json.add("subject_type", "pairwise")
            #expect(throws: OAuthError.self) { try client(json, by: devices) }
        }
    }

    @Test func `GH-338: has keys where it signs`() throws {
        let uris: JSONValue = ["https://a.test/cb"]
        #expect(throws: OAuthError.self) {
            try client(
                ["redirect_uris": uris, "require_signed_request_object": true], by: rules())
        }
        let signing = try client(
            [
                "redirect_uris": uris, "require_signed_request_object": true,
                "jwks_uri": "https://a.test/keys",
            ], by: rules())
        #expect(signing.policies.requiresSignedRequests && signing.requestKeys != nil)
        #expect(signing.authentication.keys == nil && signing.keys != nil)
        #expect(throws: OAuthError.self) {
            try client(
                ["redirect_uris": uris, "userinfo_signed_response_alg": "EdDSA"], by: rules())
        }
    }

    @Test func `is no more than the policy, and no more than the token`() throws {
        var limits = RegistrationLimits()
        limits.scope = Scope("openid", "admin")
        let uris: JSONValue = ["https://a.test/cb"]
        let narrow = try client(["redirect_uris": uris], by: rules(limits: limits))
        #expect(narrow.scope == Scope("openid"))
        #expect(throws: OAuthError.self) {
            try client(["redirect_uris": uris, "scope": "admin"], by: rules(limits: limits))
        }
        // A document is for many servers: what is not for this one is left out.
        let document = try client(
            ["redirect_uris": uris, "scope": "openid admin"], by: rules(.document),
            from: .document)
        #expect(document.scope == Scope("openid") && document.authentication.name == "none")
    }

    @Test func `survives the database`() throws {
        var policy = RegistrationPolicy.mcp
        policy.documents.denied = [try #require(HostRule(parsing: "*.evil.test"))]
        policy.unusedLifetime = .hours(7)
        #expect(try RegistrationPolicy(stored: policy.stored) == policy)
        #expect(try RegistrationPolicy(stored: nil) == RegistrationPolicy())
        var registration = ClientRegistration()
        #expect(registration.stored == nil)
        registration.origin = .metadataDocument(
            try #require(MetadataDocumentAddress(parsing: "https://a.test/c")))
        registration.freshness = DocumentFreshness(of: .seconds(1), at: World.start)
        let again = try ClientRegistration(stored: registration.stored)
        #expect(again.origin == registration.origin && again.freshness == registration.freshness)
        #expect(again.origin.unverifiedHost == "a.test")
    }

    @Test func `in a document is believed for a while`() {
        let fresh = DocumentFreshness(of: nil, at: World.start)
        #expect(fresh.freshUntil == World.start + .hours(1))
        #expect(fresh.isFresh(at: World.start + .minutes(59)))
        #expect(!fresh.isFresh(at: World.start + .hours(1)))
        #expect(fresh.isUsable(at: World.start + .minutes(119)))
        #expect(!fresh.isUsable(at: World.start + .hours(2)))
        // A clock that was ahead when it was fetched makes nothing last for ever.
        #expect(!fresh.isFresh(at: World.start - .days(1)))
        #expect(
            DocumentFreshness(of: .days(365), at: World.start).freshUntil
                == World.start + .hours(24))
    }
}
