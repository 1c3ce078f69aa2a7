import GatehouseProtocol
import Testing

@Suite struct `A token request` {
    private func request(_ query: String) throws -> TokenRequest {
        try TokenRequest(FormParameters(decoding: query.utf8), proof: nil)
    }

    private func refusal(of query: String) throws -> OAuthError.Code? {
        let form = try FormParameters(decoding: query.utf8)
        return refusalCode { () throws(OAuthError) in try TokenRequest(form, proof: nil) }
    }

    @Test func `for a code carries what is checked against it`() throws {
        let query = "grant_type=authorization_code&code=ac_1"
        guard case .authorizationCode(let bare) = try request(query),
            case .authorizationCode(let full) = try request(
                query + "&redirect_uri=https%3A%2F%2Frp.test%2Fcb&code_verifier=abc&scope=admin")
        else { throw Unexpected() }
        #expect(bare.code == "ac_1" && bare.redirectURI == nil && bare.codeVerifier == nil)
        #expect(full.redirectURI == "https://rp.test/cb" && full.codeVerifier == "abc")
    }

    @Test func `GH-061: with an empty verifier carries none`() throws {
        guard
            case .authorizationCode(let request) = try request(
                "grant_type=authorization_code&code=a&code_verifier=&redirect_uri=")
        else { throw Unexpected() }
        #expect(request.codeVerifier == nil && request.redirectURI == nil)
    }

    @Test func `for a refresh carries the token and maybe a scope`() throws {
        let query = "grant_type=refresh_token&refresh_token=rt_1"
        guard case .refreshToken(let bare) = try request(query),
            case .refreshToken(let empty) = try request(query + "&scope="),
            case .refreshToken(let narrow) = try request(query + "&scope=openid+email")
        else { throw Unexpected() }
        #expect(bare.refreshToken == "rt_1" && bare.scope == nil && empty.scope == nil)
        #expect(narrow.scope == Scope("openid", "email"))
    }

    @Test func `of a client for itself carries maybe a scope`() throws {
        guard
            case .clientCredentials(let bare) = try request("grant_type=client_credentials"),
            case .clientCredentials(let scoped) = try request(
                "grant_type=client_credentials&scope=api")
        else { throw Unexpected() }
        #expect(bare.scope == nil)
        #expect(scoped.scope == Scope("api"))
    }

    @Test func `knows its grant type`() throws {
        let query =
            "&code=a&refresh_token=b&device_code=c&assertion=d&subject_token=e&auth_req_id=f"
            + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token"
        for type in GrantType.allCases {
            #expect(try request("grant_type=\(type.rawValue)\(query)").grantType == type)
            #expect(GrantType(parsing: type.rawValue) == type)
        }
    }

    @Test(
        arguments: [
            ("", .invalidRequest), ("grant_type=", .invalidRequest),
            ("grant_type=password&username=a&password=b", .unsupportedGrantType),
            ("grant_type=implicit", .unsupportedGrantType),
            ("grant_type=Authorization_Code&code=a", .unsupportedGrantType),
            ("grant_type=authorization_code%20&code=a", .unsupportedGrantType),
            ("grant_type=refresh_toke%CC%81n", .unsupportedGrantType),
            ("grant_type=authorization_code", .invalidRequest),
            ("grant_type=authorization_code&code=", .invalidRequest),
            ("grant_type=refresh_token", .invalidRequest),
            ("grant_type=refresh_token&refresh_token=", .invalidRequest),
            ("grant_type=refresh_token&refresh_token=a&scope=%22", .invalidScope),
            ("grant_type=client_credentials&scope=%5C", .invalidScope),
            ("grant_type=client_credentials&grant_type=client_credentials", .invalidRequest),
            ("grant_type=client_credentials&grant_type=", .invalidRequest),
            ("grant_type=authorization_code&code=a&code=b", .invalidRequest),
            ("grant_type=authorization_code&code=a&%63ode=a", .invalidRequest),
            ("grant_type=client_credentials&foo=1&foo=1", .invalidRequest),
        ] as [(String, OAuthError.Code)])
    func `that cannot be met is refused`(query: String, code: OAuthError.Code) throws {
        #expect(try refusal(of: query) == code)
    }

    @Test func `to revoke needs a token, once`() throws {
        func revocation(_ query: String) throws -> OAuthError.Code? {
            let form = try FormParameters(decoding: query.utf8)
            return refusalCode { () throws(OAuthError) in try RevocationRequest(form) }
        }
        #expect(try revocation("token=a&token_type_hint=nonsense") == nil)
        #expect(try revocation("token_type_hint=refresh_token") == .invalidRequest)
        #expect(try revocation("token=") == .invalidRequest)
        #expect(try revocation("token=a&token=b") == .invalidRequest)
    }

    private struct Unexpected: Error {}
}
