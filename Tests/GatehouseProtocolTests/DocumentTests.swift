import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A document` {
    private let issuer = Issuer(stored: "https://id.test/t/acme")
    private let kay = IdentityClaims(
        name: "Kay \"K\" O\u{2019}Neil\r\n", preferredUsername: "kay", updatedAt: 1_700_000_000,
        email: "kay@acme.test", emailVerified: true)

    private var thumbprint: JWKThumbprint {
        get throws {
            try #require(
                JWKThumbprint(parsing: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"))
        }
    }

    @Test func `of metadata names what works here`() throws {
        let metadata = ServerMetadata(
            issuer: issuer, idTokenAlgorithms: ["RS256", "ES256"],
            clientAssertionAlgorithms: ["ES256"], dpopAlgorithms: ["EdDSA"],
            registration: RegistrationSupport(
                takesRegistrations: true, takesMetadataDocuments: false))
        let json = try JSONObject(parsing: metadata.serialized())
        #expect(json["issuer"]?.string == issuer.text)
        let endpoints: [(String, Endpoint)] = [
            ("authorization_endpoint", .authorization), ("token_endpoint", .token),
            ("userinfo_endpoint", .userInfo), ("jwks_uri", .jsonWebKeySet),
            ("revocation_endpoint", .revocation), ("end_session_endpoint", .endSession),
            ("pushed_authorization_request_endpoint", .pushedAuthorizationRequest),
        ]
        for (name, endpoint) in endpoints {
            #expect(json[name]?.string == issuer.text + endpoint.path)
        }
        #expect(json["registration_endpoint"]?.string == issuer.text + "/oauth2/register")
        #expect(json["client_id_metadata_document_supported"] == nil)
        let algorithms = json["id_token_signing_alg_values_supported"]?.strings
        #expect(algorithms == ["RS256", "ES256"])
        #expect(json["dpop_signing_alg_values_supported"]?.strings == ["EdDSA"])
        #expect(json["response_types_supported"]?.strings == ["code"])
        #expect(json["code_challenge_methods_supported"]?.strings == ["S256"])
        #expect(json["authorization_response_iss_parameter_supported"]?.bool == true)
        #expect(json["request_uri_parameter_supported"]?.bool == false)
        #expect(json["require_pushed_authorization_requests"]?.bool == false)
        #expect(json["claims_parameter_supported"]?.bool == true)
        #expect(json["authorization_signing_alg_values_supported"]?.strings == algorithms)
        for mode in try #require(json["response_modes_supported"]?.strings) {
            #expect(ResponseMode(parsing: mode) != nil)
        }
        for name in try #require(json["acr_values_supported"]?.strings) {
            #expect(AuthenticationContextClass(rawValue: name) != nil)
        }
        #expect(json["grant_types_supported"]?.strings == GrantType.allCases.map(\.rawValue))
        for method in try #require(json["token_endpoint_auth_methods_supported"]?.strings) {
            let known = ["client_secret_basic", "client_secret_post", "none", "private_key_jwt"]
            #expect(known.contains(method))
        }
        for endpoint in ["token", "revocation"] {
            let name = endpoint + "_endpoint_auth_signing_alg_values_supported"
            #expect(json[name]?.strings == ["ES256"])
        }
        for prompt in try #require(json["prompt_values_supported"]?.strings) {
            #expect(try !Prompt(parsing: prompt).isEmpty)
        }
        let claims = try #require(json["claims_supported"]?.strings)
        #expect(Set(claims).isSuperset(of: ["sub", "email", "name", "nonce", "at_hash"]))
        #expect(Set(claims).count == claims.count)
    }

    @Test func `of metadata tells clients with certificates where to go`() throws {
        func document(_ support: MutualTLSSupport?, of issuer: String) throws -> JSONObject {
            try JSONObject(
                parsing: ServerMetadata(
                    issuer: Issuer(stored: issuer), idTokenAlgorithms: [],
                    clientAssertionAlgorithms: [], dpopAlgorithms: [],
                    registration: RegistrationSupport(
                        takesRegistrations: false, takesMetadataDocuments: false),
                    mutualTLS: support
                ).serialized())
        }
        let none = try document(nil, of: issuer.text)
        #expect(none["mtls_endpoint_aliases"] == nil)
        #expect(none["tls_client_certificate_bound_access_tokens"] == nil)
        let base = try BaseURL(parsing: "https://mtls.id.test:8443/auth/")
        let names = [
            ("https://id.test/t/acme", "acme"), ("https://login.acme.test", "login.acme.test"),
            ("https://acme.id.test:444", "acme.id.test"),
        ]
        for (issuer, name) in names {
            let json = try document(
                MutualTLSSupport(hasAuthorities: true, base: base), of: issuer)
            #expect(json["issuer"]?.string == issuer)
            let aliases = try #require(json["mtls_endpoint_aliases"]?.object)
            #expect(
                aliases["token_endpoint"]?.string
                    == "https://mtls.id.test:8443/auth/t/\(name)/oauth2/token")
            #expect(aliases["authorization_endpoint"] == nil)
            #expect(json["tls_client_certificate_bound_access_tokens"]?.bool == true)
            for endpoint in ["token", "revocation", "introspection"] {
                let methods = json[endpoint + "_endpoint_auth_methods_supported"]?.strings
                #expect(methods?.suffix(2) == ["tls_client_auth", "self_signed_tls_client_auth"])
            }
        }
        let proxied = try document(
            MutualTLSSupport(hasAuthorities: false, base: nil), of: issuer.text)
        #expect(proxied["mtls_endpoint_aliases"] == nil)
        let methods = try #require(proxied["token_endpoint_auth_methods_supported"]?.strings)
        #expect(methods.last == "self_signed_tls_client_auth")
        #expect(!methods.contains("tls_client_auth"))
    }

    @Test func `of each endpoint has paths of its own`() {
        let paths = Endpoint.allCases.flatMap(\.paths)
        #expect(Set(paths).count == paths.count)
        #expect(paths.allSatisfy { $0.hasPrefix("/") })
        #expect(Endpoint.allCases.allSatisfy { $0.path == $0.paths.first })
    }

    @Test func `with tokens reads back`() throws {
        let full = TokenResponse(
            accessToken: "a.b.c", expiresIn: 900, refreshToken: "rt_1", idToken: "d.e.f",
            scope: Scope("openid", "email"), confirmation: nil)
        let json = try JSONObject(parsing: full.serialized())
        #expect(json["access_token"]?.string == "a.b.c")
        #expect(json["token_type"]?.string == "Bearer")
        #expect(json["expires_in"]?.integer == 900)
        #expect(json["refresh_token"]?.string == "rt_1")
        #expect(json["id_token"]?.string == "d.e.f")
        #expect(json["scope"]?.string == "openid email")
        let bare = TokenResponse(
            accessToken: "a", expiresIn: 0, refreshToken: nil, idToken: nil, scope: .none,
            confirmation: .key(try thumbprint))
        let other = try JSONObject(parsing: bare.serialized())
        #expect(other.members.map(\.name) == ["access_token", "token_type", "expires_in"])
        #expect(other["token_type"]?.string == "DPoP")
    }

    @Test(
        arguments: [
            ("openid", ["sub"]), ("openid offline_access", ["sub"]),
            ("openid email", ["sub", "email", "email_verified"]),
            ("openid profile", ["sub", "name", "preferred_username", "updated_at"]),
            (
                "profile email",
                ["sub", "name", "preferred_username", "updated_at", "email", "email_verified"]
            ),
            ("", ["sub"]), ("Email PROFILE", ["sub"]),
        ] as [(String, [String])])
    func `about a person says what the scope asks for`(scope: String, names: [String]) throws {
        let answer = UserInfo(
            subject: "usr_1", identity: kay, scope: try Scope(parsing: scope))
        let json = try JSONObject(parsing: answer.serialized())
        #expect(json.members.map(\.name) == names)
        #expect(json["sub"]?.string == "usr_1")
        if names.contains("name") {
            #expect(json["name"]?.string?.isExactly(kay.name ?? "") == true)
        }
    }

    @Test(
        arguments: [
            ("openid", ["name"], ["sub", "name"]), ("openid", ["email"], ["sub", "email"]),
            ("openid email", ["email"], ["sub", "email", "email_verified"]),
            (
                "openid email", ["updated_at", "sub", "password_hash"],
                ["sub", "updated_at", "email", "email_verified"]
            ),
        ] as [(String, [String], [String])])
    func `about a person says what is asked for by name`(
        scope: String, requested: [String], names: [String]
    ) throws {
        var answer = UserInfo(
            subject: "usr_1", identity: kay, scope: try Scope(parsing: scope))
        answer.requestedClaims = requested
        #expect(try JSONObject(parsing: answer.serialized()).members.map(\.name) == names)
    }

    @Test func `about a person leaves out what is not known`() throws {
        let nobody = IdentityClaims(
            name: nil, preferredUsername: nil, updatedAt: nil, email: nil, emailVerified: true)
        let answer = UserInfo(subject: "usr_1", identity: nobody, scope: .identity)
        #expect(try JSONObject(parsing: answer.serialized()).members.map(\.name) == ["sub"])
        var unverified = kay
        unverified.emailVerified = false
        let json = try JSONObject(
            parsing: UserInfo(subject: "u", identity: unverified, scope: .identity).serialized())
        #expect(json["email_verified"]?.bool == false)
    }

    @Test func `GH-083: of an ID token has one audience and the very nonce`() throws {
        let nonce = "n\u{301}\"\\\r\n🔑"
        let claims = IDTokenClaims(
            issuer: issuer, subject: "usr_1", audience: "web", issuedAt: 1, expiresAt: 2,
            authenticatedAt: 0, nonce: nonce, authenticationMethods: ["pwd"], sessionID: "ses_1",
            accessTokenHash: "h", identity: kay, scope: Scope("openid", "email"))
        let json = try JSONObject(parsing: claims.serialized())
        #expect(json["nonce"]?.string?.isExactly(nonce) == true)
        #expect(json["aud"]?.string == "web" && json["azp"]?.string == "web")
        #expect(json["iss"]?.string == issuer.text && json["sub"]?.string == "usr_1")
        #expect(json["iat"]?.integer == 1 && json["exp"]?.integer == 2)
        #expect(json["auth_time"]?.integer == 0 && json["amr"]?.strings == ["pwd"])
        #expect(json["sid"]?.string == "ses_1" && json["at_hash"]?.string == "h")
        #expect(json["email"]?.string == "kay@acme.test" && json["name"] == nil)
    }

    @Test func `of an access token says whom it is for and nothing of the person`() throws {
        var claims = AccessTokenClaims(
            issuer: issuer, subject: "usr_1", audience: ["api"], clientID: "web", issuedAt: 1,
            expiresAt: 901, tokenID: "at_1", scope: Scope("openid", "email", "profile"),
            authenticatedAt: 1, grantID: "grt_1", identity: nil)
        let json = try JSONObject(parsing: claims.serialized())
        #expect(
            json.members.map(\.name) == [
                "iss", "sub", "aud", "client_id", "iat", "nbf", "exp", "jti", "scope", "auth_time",
                "gid",
            ])
        claims.authenticatedAt = nil
        claims.grantID = nil
        claims.audience = ["api", "other"]
        let kay = IdentityClaims(
            name: "Kay", preferredUsername: nil, updatedAt: nil, email: "kay@acme.test",
            emailVerified: true)
        claims.identity = (kay, ["email", "preferred_username"])
        claims.confirmation = .key(try thumbprint)
        let other = try JSONObject(parsing: claims.serialized())
        #expect(other["auth_time"] == nil && other["gid"] == nil)
        #expect(other["email"]?.string == "kay@acme.test" && other["name"] == nil)
        #expect(other["aud"]?.strings == ["api", "other"])
        #expect(other["cnf"] == ["jkt": .string(try thumbprint.text)])
        #expect(AccessTokenClaims.type == "at+jwt")
    }
}
