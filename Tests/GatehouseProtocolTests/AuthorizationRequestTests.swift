import GatehouseProtocol
import Testing

@Suite struct `An authorization request` {
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    private static let good = "response_type=code"

    private func request(_ query: String) throws -> AuthorizationRequest {
        try AuthorizationRequest(FormParameters(decoding: query.utf8))
    }

    private func refusal(of query: String) throws -> OAuthError.Code? {
        let form = try FormParameters(decoding: query.utf8)
        return refusalCode { () throws(OAuthError) in try AuthorizationRequest(form) }
    }

    @Test func `needs no more than a response type`() throws {
        let request = try request(Self.good)
        #expect(request.scope.isEmpty)
        #expect(request.state == nil && request.nonce == nil && request.codeChallenge == nil)
        #expect(request.prompt.isEmpty && request.maxAge == nil)
        #expect(request.loginHint == nil && request.idTokenHint == nil)
        #expect(request.responseMode == .query && request.claims == nil)
        #expect(request.contextClasses.isEmpty && !request.isContextClassEssential)
    }

    @Test func `has the classes that the claims name, or else those of acr_values`() throws {
        let wish = Self.good + "&acr_values=a+b"
        #expect(try request(wish).contextClasses == ["a", "b"])
        let voluntary = try request(wish + "&claims=%7B%22id_token%22:%7B%22acr%22:null%7D%7D")
        #expect(voluntary.contextClasses == ["a", "b"] && !voluntary.isContextClassEssential)
        let acr = #"{"id_token":{"acr":{"essential":true,"values":["c"]}}}"#
        let essential = try request(wish + "&claims=" + acr.queryEncoded)
        #expect(essential.contextClasses == ["c"] && essential.isContextClassEssential)
        #expect(try refusal(of: Self.good + "&acr_values=" + "a".times(2_049)) == .invalidRequest)
    }

    @Test func `is read as it was sent`() throws {
        let request = try request(
            Self.good + "&scope=openid+email&state=%F0%9F%94%91&nonce=n%2B&prompt=login+consent"
                + "&code_challenge=\(Self.challenge)&code_challenge_method=S256&max_age=0060"
                + "&login_hint=kay%40acme.test&id_token_hint=a.b.c&response_mode=query"
                + "&client_id=web&redirect_uri=https%3A%2F%2Frp.test%2Fcb&foo=bar&ui_locales=de")
        #expect(request.scope.values == ["openid", "email"])
        #expect(request.state == "🔑")
        #expect(request.nonce == "n+")
        #expect(request.prompt == [.login, .consent])
        #expect(request.codeChallenge?.text == Self.challenge)
        #expect(request.maxAge == 60)
        #expect(request.loginHint == "kay@acme.test")
        #expect(request.idTokenHint == "a.b.c")
    }

    @Test(
        arguments: [
            ("", .invalidRequest), ("response_type=", .invalidRequest),
            ("response_type=token", .unsupportedResponseType),
            ("response_type=id_token+token", .unsupportedResponseType),
            ("response_type=code+token", .unsupportedResponseType),
            ("response_type=CODE", .unsupportedResponseType),
            ("response_type=code+code", .unsupportedResponseType),
            ("response_type=+code", .unsupportedResponseType),
            ("response_type=none", .unsupportedResponseType),
        ] as [(String, OAuthError.Code)])
    func `GH-004, GH-005: of another response type is refused`(
        query: String, code: OAuthError.Code
    ) throws {
        #expect(try refusal(of: query) == code)
    }

    @Test(arguments: [
        "web_message", "garbage", "QUERY", "query+", "form_post.JWT", "fragment+query",
    ])
    func `GH-008: of an unknown response mode is refused`(mode: String) throws {
        #expect(try refusal(of: Self.good + "&response_mode=" + mode) == .invalidRequest)
    }

    @Test(
        arguments: [
            ("&state=a&state=a", .invalidRequest), ("&state=a&state=", .invalidRequest),
            ("&foo=1&foo=2", .invalidRequest), ("&scope=a&%73cope=a", .invalidRequest),
            ("&request=x", .invalidRequestObject), ("&request=", .invalidRequestObject),
            ("&request_uri=urn:x", .requestURINotSupported),
            ("&registration=%7B%7D", .registrationNotSupported),
            ("&scope=a%22", .invalidScope), ("&prompt=xyzzy", .invalidRequest),
            ("&prompt=none+login", .invalidRequest),
            ("&code_challenge_method=S256", .invalidRequest),
            ("&code_challenge_method=", .invalidRequest),
            ("&code_challenge=\(challenge)", .invalidRequest),
            ("&code_challenge=\(challenge)&code_challenge_method=plain", .invalidRequest),
            ("&code_challenge=x&code_challenge_method=S256", .invalidRequest),
        ] as [(String, OAuthError.Code)])
    func `that cannot be met is refused`(query: String, code: OAuthError.Code) throws {
        #expect(try refusal(of: Self.good + query) == code)
    }

    @Test func `GH-010: may have a state and a nonce of 2048 bytes each`() throws {
        let longest = "a".times(2_048)
        #expect(try request(Self.good + "&state=\(longest)&nonce=\(longest)").state == longest)
        #expect(try refusal(of: Self.good + "&state=\(longest)a") == .invalidRequest)
        #expect(try refusal(of: Self.good + "&nonce=\(longest)a") == .invalidRequest)
        #expect(try refusal(of: Self.good + "&state=" + "%C3%A9".times(1_025)) == .invalidRequest)
        #expect(try refusal(of: Self.good + "&state=" + "a".times(65_536)) == .invalidRequest)
    }

    @Test(arguments: [
        "-1", "+5", "1.0", "1e3", "0x10", "nan", "inf", "12345678901", "9223372036854775808",
        "1_000", "%201", "1%20", "%D9%A1", "%EF%BC%91", "a", "1%00".replacing("%00", with: "%0A"),
    ])
    func `GH-451, GH-457: with a max_age that is no number of seconds is refused`(
        text: String
    ) throws {
        #expect(try refusal(of: Self.good + "&max_age=" + text) == .invalidRequest)
    }

    @Test(arguments: [("0", 0), ("1", 1), ("9999999999", 9_999_999_999), ("", nil)])
    func `has the max_age that was sent`(text: String, seconds: Int64?) throws {
        #expect(try request(Self.good + "&max_age=" + text).maxAge == seconds)
    }

    @Test func `forgets a login_hint that nobody could have typed`() throws {
        #expect(try request(Self.good + "&login_hint=" + "a".times(320)).loginHint != nil)
        #expect(try request(Self.good + "&login_hint=" + "a".times(321)).loginHint == nil)
    }

    @Test(arguments: [
        "", "&scope=openid", "&state=a%26b%3D%22%0D%0A", "&nonce=%F0%9F%94%91&max_age=0",
        "&prompt=none", "&prompt=select_account+login&login_hint=k%2Bay%40acme.test",
        "&code_challenge=\(challenge)&code_challenge_method=S256",
        "&id_token_hint=a.b.c&max_age=9999999999&scope=b+a+b&state=%25",
        "&response_mode=form_post.jwt&acr_values=a++b", "&response_mode=jwt&acr_values=+",
        "&claims=%7B%22id_token%22:%7B%22email%22:null,%22acr%22:%7B%22value%22:%22a%22%7D%7D%7D",
    ])
    func `is the same after it was stored and read again`(query: String) throws {
        let first = try request(Self.good + query)
        let pairs = first.parameters.map { ($0.0.text.description, $0.1) }
        let second = try AuthorizationRequest(FormParameters(pairs))
        #expect(second == first)
        #expect(Array((second.state ?? "").utf8) == Array((first.state ?? "").utf8))
        let encoded = pairs.map { $0.0 + "=" + $0.1.queryEncoded }.joined(separator: "&")
        #expect(try request(encoded) == first)
    }
}

@Suite struct `A claimed request` {
    private func problem(_ query: String) throws -> ClaimedRequest.Unusable? {
        let form = try FormParameters(decoding: query.utf8)
        do throws(ClaimedRequest.Unusable) {
            _ = try ClaimedRequest(form)
            return nil
        } catch {
            return error
        }
    }

    @Test func `names a client and where it wants the answer`() throws {
        let form = try FormParameters(
            decoding: "client_id=web&redirect_uri=https%3A%2F%2Frp.test%2Fcb&state=a&state=b".utf8)
        let claimed = try ClaimedRequest(form)
        #expect(claimed.clientID == "web")
        #expect(claimed.redirectURI == "https://rp.test/cb")
    }

    @Test(
        arguments: [
            ("redirect_uri=https://evil.test/cb", .noClientID),
            ("client_id=&redirect_uri=https://evil.test/cb", .noClientID),
            ("client_id=web&client_id=web&redirect_uri=a", .repeatedClientID),
            ("client_id=web&client%5Fid=&redirect_uri=a", .repeatedClientID),
            ("client_id=web", .noRedirectURI), ("client_id=web&redirect_uri=", .noRedirectURI),
            ("client_id=web&redirect_uri=a&redirect_uri=b", .repeatedRedirectURI),
            ("client_id=web&redirect_uri=a&%72edirect_uri=", .repeatedRedirectURI),
            ("", .noClientID),
            (
                "client_id=a&client_id=a&redirect_uri=b&redirect_uri=b",
                .repeatedClientID
            ),
        ] as [(String, ClaimedRequest.Unusable)])
    func `GH-001, GH-007, GH-047: that lacks or repeats either is unusable`(
        query: String, reason: ClaimedRequest.Unusable
    ) throws {
        #expect(try problem(query) == reason)
    }
}
