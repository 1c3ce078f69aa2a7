import GatehouseClient
import GatehouseTesting
import Testing

@Suite struct `An API` {
    private static func request(_ token: String, _ scheme: String = "Bearer") -> ProtectedRequest {
        ProtectedRequest(
            authorization: ["\(scheme) \(token)"], method: "GET", url: "https://api.test/a?b=c")
    }

    /// Why a request is refused.
    private static func refusal(
        of request: ProtectedRequest, by verifier: TokenVerifier
    ) async -> TokenRefusal.Reason? {
        do {
            _ = try await verifier.verify(request)
            return nil
        } catch {
            return (error as? TokenRefusal)?.reason
        }
    }

    @Test func `lets a good token through, and knows what it allows`() async throws {
        try await ClientWorld.run { world in
            world.issuer.person.organizations = [
                OrganizationMembership(id: "org_1", scopes: ["projects:write"])
            ]
            let verifier = try await world.verifier()
            let token = try await verifier.verify(
                Self.request(world.issuer.accessToken(for: "api", scope: "read write")))
            #expect(token.subject == "usr_kay" && token.clientID == "app")
            #expect(token.scopes == ["read", "write"] && token.has(scope: "read"))
            #expect(token.hasAccess(in: "org_1", "write", to: "projects"))
            #expect(!token.hasAccess(in: "org_2", "write", to: "projects"))
            #expect(throws: TokenRefusal.self) { try token.require(scope: "admin") }
        }
    }

    @Test(arguments: [
        (Misbehavior.foreignIssuer, TrustCheck.issuer), (.foreignAudience, .audience),
        (.expired, .times), (.endless, .tokenForm), (.notYetValid, .times),
        (.wrongSignature, .signature), (.unknownKey, .key), (.keyInHeader, .signature),
        (.unsigned, .algorithm), (.sharedSecret, .algorithm), (.swappedAlgorithm, .algorithm),
        (.foreignType, .tokenForm), (.criticalExtension, .tokenForm),
    ])
    func `refuses a wrong token`(misbehavior: Misbehavior, check: TrustCheck) async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            world.issuer.misbehavior = misbehavior
            let token = try world.issuer.accessToken(for: "api")
            #expect(
                await Self.refusal(of: Self.request(token), by: verifier) == .invalid(check))
        }
    }

    @Test func `refuses what is no token, and an ID token`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            var none = Self.request("a")
            none.authorization = []
            #expect(await Self.refusal(of: none, by: verifier) == .missing)
            none.authorization = ["Bearer a", "Bearer a"]
            #expect(await Self.refusal(of: none, by: verifier) == .malformedRequest)
            for text in ["a", "a.b.c", "..", String(repeating: "a", count: 20_000)] {
                #expect(
                    await Self.refusal(of: Self.request(text), by: verifier)
                        == .invalid(.tokenForm))
            }
            let idToken = try await world.signIn(at: world.provider()).tokens.idToken
            #expect(
                await Self.refusal(of: Self.request(idToken), by: verifier)
                    == .invalid(.tokenForm))
        }
    }

    @Test func `takes a token that is bound to a key with a proof of it, once`() async throws {
        try await ClientWorld.run { world in
            world.configuration.tokenKey = try ClientKey()
            let (provider, verifier) = (try await world.provider(), try await world.verifier())
            let thumbprint = try #require(world.configuration.tokenKey?.thumbprint)
            let token = try world.issuer.accessToken(for: "api", boundTo: thumbprint)
            var request = Self.request(token, "DPoP")
            request.proofs = [
                try provider.proof(method: "GET", url: request.url, accessToken: token)
            ]
            _ = try await verifier.verify(request)
            #expect(await Self.refusal(of: request, by: verifier) == .replayed)
            #expect(await Self.refusal(of: Self.request(token), by: verifier) == .notProven)
            let bare = try world.issuer.accessToken(for: "api")
            #expect(await Self.refusal(of: Self.request(bare, "DPoP"), by: verifier) == .notProven)
        }
    }

    @Test(arguments: ["method", "url", "token", "key", "none", "two", "old", "early"])
    func `refuses a proof of something else`(wrong: String) async throws {
        try await ClientWorld.run { world in
            let key = try ClientKey()
            world.configuration.tokenKey = wrong == "key" ? try ClientKey() : key
            let (provider, verifier) = (try await world.provider(), try await world.verifier())
            let token = try world.issuer.accessToken(for: "api", boundTo: key.thumbprint)
            var request = Self.request(token, "DPoP")
            if wrong == "early" { world.time.advance(by: 61) }
            let proof = try provider.proof(
                method: wrong == "method" ? "POST" : "GET",
                url: wrong == "url" ? "https://api.test/b" : request.url,
                accessToken: wrong == "token" ? "another" : token)
            request.proofs =
                switch wrong {
                case "none": []
                case "two": [proof, proof]
                default: [proof]
                }
            if wrong == "old" { world.time.advance(by: 61) }
            if wrong == "early" { world.time.advance(by: -61) }
            #expect(await Self.refusal(of: request, by: verifier) == .notProven)
        }
    }

    @Test func `may take bound tokens only`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier { $0.requiresBoundTokens = true }
            let token = try world.issuer.accessToken(for: "api")
            #expect(await Self.refusal(of: Self.request(token), by: verifier) == .notBound)
        }
    }

    @Test func `finds a new key by asking once`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            _ = try await verifier.verify(Self.request(world.issuer.accessToken(for: "api")))
            #expect(world.issuer.requests(to: "/keys") == 1)
            try world.issuer.rotateKeys()
            world.time.advance(by: 10)
            let token = try world.issuer.accessToken(for: "api")
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<50 {
                    tasks.addTask { _ = try await verifier.verify(Self.request(token)) }
                }
                try await tasks.waitForAll()
            }
            #expect(world.issuer.requests(to: "/keys") == 2)
        }
    }

    @Test func `does not ask for keys because of made-up ones`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            world.issuer.misbehavior = .unknownKey
            for _ in 0..<50 {
                let token = try world.issuer.accessToken(for: "api")
                #expect(
                    await Self.refusal(of: Self.request(token), by: verifier) == .invalid(.key))
            }
            #expect(world.issuer.requests(to: "/keys") == 1)
            let same = try world.issuer.accessToken(for: "api")
            for _ in 0..<6 {
                world.time.advance(by: 10)
                _ = await Self.refusal(of: Self.request(same), by: verifier)
            }
            #expect(world.issuer.requests(to: "/keys") == 2)
        }
    }

    @Test(arguments: [
        (Misbehavior.noKeySet, TokenRefusal.Reason.unavailable), (.unreadableKeySet, .unavailable),
        (.hugeKeySet, .unavailable),
    ])
    func `does not ask more often because it has no keys at all`(
        misbehavior: Misbehavior, reason: TokenRefusal.Reason
    ) async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            world.issuer.misbehavior = misbehavior
            let token = try world.issuer.accessToken(for: "api")
            for asked in 1...3 {
                for _ in 0..<20 {
                    #expect(
                        await Self.refusal(of: Self.request(token), by: verifier) == reason)
                }
                #expect(world.issuer.requests(to: "/keys") == asked)
                world.time.advance(by: 10)
            }
            world.issuer.misbehavior = nil
            _ = try await verifier.verify(Self.request(token))
        }
    }

    @Test func `goes on with the keys it has while the issuer is away`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            world.issuer.tokenLifetime = 100_000
            let token = try world.issuer.accessToken(for: "api")
            _ = try await verifier.verify(Self.request(token))
            let (issuer, time) = (world.issuer, world.time)
            try await withoutIssuer(issuer) {
                time.advance(by: 3_600)
                _ = try await verifier.verify(Self.request(token))
                time.advance(by: 24 * 3_600)
                #expect(
                    await Self.refusal(of: Self.request(token), by: verifier) == .unavailable)
            }
        }
    }

    /// While its keys cannot be fetched.
    private func withoutIssuer(
        _ issuer: FakeIssuer, _ body: () async throws -> Void
    ) async rethrows {
        issuer.misbehavior = .noKeySet
        defer { issuer.misbehavior = nil }
        try await body()
    }

    @Test func `may ask the issuer about each token, or about those it cannot read`() async throws {
        try await ClientWorld.run { world in
            let opaque = try await world.verifier {
                $0.introspection = .ofOpaqueTokens(clientID: "api", credential: .secret("a"))
            }
            let always = try await world.verifier {
                $0.introspection = .always(clientID: "api", credential: .secret("a"))
            }
            let signed = try world.issuer.accessToken(for: "api")
            _ = try await opaque.verify(Self.request(signed))
            #expect(world.issuer.requests(to: "/introspect") == 0)
            let token = try await opaque.verify(Self.request("opaque"))
            #expect(token.subject == "usr_kay" && token.has(scope: "read"))
            _ = try await always.verify(Self.request(signed))
            #expect(world.issuer.requests(to: "/introspect") == 2)
            try await world.provider().revoke(signed)
            #expect(await Self.refusal(of: Self.request(signed), by: always) == .inactive)
        }
    }

    @Test func `tells the issuer where a token came from, if it knows`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier {
                $0.introspection = .ofOpaqueTokens(clientID: "api", credential: .secret("a"))
            }
            var request = Self.request("opaque")
            _ = try await verifier.verify(request)
            request.clientAddress = "2001:db8::7"
            _ = try await verifier.verify(request)
            #expect(world.issuer.clientAddresses == [nil, "2001:db8::7"])
        }
    }

    @Test func `says what it wants`() async throws {
        try await ClientWorld.run { world in
            let verifier = try await world.verifier()
            let token = try await verifier.verify(
                Self.request(world.issuer.accessToken(for: "api")))
            do throws(TokenRefusal) {
                try token.requireAccess(in: "org_1", "write", to: "projects")
                Issue.record("let through")
            } catch {
                #expect(error.status == 403)
                #expect(
                    error.challenge(metadata: "https://api.test/.well-known/a")
                        == """
                        Bearer error="insufficient_scope", \
                        error_description="It takes projects:write to do this.", \
                        scope="projects:write", resource_metadata="https://api.test/.well-known/a"
                        """)
            }
        }
    }
}
