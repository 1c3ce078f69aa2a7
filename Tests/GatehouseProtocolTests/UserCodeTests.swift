import GatehouseProtocol
import Testing

@Suite struct `A user code` {
    @Test(arguments: [
        "WDJBMJHT", "WDJB-MJHT", "wdjb-mjht", "wDjB mJhT", " WDJB-MJHT ", "W-D-J-B-M-J-H-T",
        "--WDJBMJHT--", "wdjb - mjht",
    ])
    func `is read however a person spells it`(typed: String) {
        #expect(UserCode(parsing: typed)?.shown == "WDJB-MJHT")
    }

    @Test(arguments: [
        "", "-", " ", "WDJBMJH", "WDJBMJHTT", "WDJBMJHA", "WDJBMJH0", "WDJB_MJHT", "WDJB–MJHT",
        "WDJB\u{AD}MJHT", "WDJB\tMJHT", "WDJB\nMJHT", "WDJB\u{A0}MJHT", "WDJBMJHT\u{0}",
        "ＷＤＪＢＭＪＨＴ", "WDJBMJH\u{422}", "WDJBMJHT\u{301}", "W\u{301}DJBMJHT", "ŴDJBMJHT",
        "' OR 1=1", "%57DJBMJHT", "WDJBMJHT\u{200B}", "ſſſſſſſſ", "WDJBMJHß", "🅆🄳🄹🄱🄼🄹🄷🅃",
        String(repeating: "-", count: 64) + "WDJBMJHT", String(repeating: "W", count: 100_000),
    ])
    func `GH-310: is read from ASCII only, and from nothing else`(typed: String) {
        #expect(UserCode(parsing: typed) == nil)
    }

    @Test func `has no vowel, no digit and no letter twice in its alphabet`() {
        let letters = String(decoding: UserCode.alphabet, as: UTF8.self)
        #expect(letters == "BCDFGHJKLMNPQRSTVWXZ")
        #expect(Set(UserCode.alphabet).count == 20)
    }

    @Test func `is made of as many numbers as it has letters`() {
        #expect(UserCode(drawn: [0, 1, 2, 3, 4, 5, 6, 19])?.shown == "BCDF-GHJZ")
        #expect(UserCode(drawn: [0, 1, 2, 3, 4, 5, 6]) == nil)
        #expect(UserCode(drawn: [0, 1, 2, 3, 4, 5, 6, 20]) == nil)
        #expect(UserCode(drawn: [0, 1, 2, 3, 4, 5, 6, -1]) == nil)
        #expect(UserCode(drawn: []) == nil)
    }
}

@Suite struct `A device authorization request` {
    private static let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    private func request(_ query: String) throws -> DeviceAuthorizationRequest {
        try DeviceAuthorizationRequest(FormParameters(decoding: query.utf8))
    }

    private func refusal(of query: String) throws -> OAuthError.Code? {
        let form = try FormParameters(decoding: query.utf8)
        return refusalCode { () throws(OAuthError) in try DeviceAuthorizationRequest(form) }
    }

    @Test func `carries maybe a scope and maybe a challenge`() throws {
        let bare = try request("client_id=x")
        #expect(bare.scope == .none && bare.codeChallenge == nil)
        let full = try request(
            "scope=openid+email&code_challenge=\(Self.challenge)&code_challenge_method=S256&x=y")
        #expect(full.scope == Scope("openid", "email"))
        #expect(full.codeChallenge?.text == Self.challenge)
    }

    @Test(arguments: [
        "scope=a&scope=b", "x=1&x=2", "code_challenge_method=S256", "code_challenge=abc",
        "code_challenge=\(challenge)", "code_challenge=\(challenge)&code_challenge_method=plain",
        "code_challenge=\(challenge)=&code_challenge_method=S256",
        "code_challenge=&code_challenge_method=S256",
    ])
    func `that makes no sense is refused`(query: String) throws {
        #expect(try refusal(of: query) == .invalidRequest)
    }

    @Test(arguments: ["scope=a%22", "scope=%C3%A9", "scope=a%5Cb"])
    func `GH-308: with a scope of other characters is refused`(query: String) throws {
        #expect(try refusal(of: query) == .invalidScope)
    }

    @Test func `for tokens carries the code and maybe the verifier`() throws {
        let query = "grant_type=urn:ietf:params:oauth:grant-type:device_code&device_code=dc_1"
        guard
            case .deviceCode(let bare) = try TokenRequest(
                FormParameters(decoding: query.utf8), proof: nil),
            case .deviceCode(let full) = try TokenRequest(
                FormParameters(decoding: (query + "&code_verifier=abc").utf8), proof: nil)
        else { throw Unexpected() }
        #expect(bare.deviceCode == "dc_1" && bare.codeVerifier == nil)
        #expect(full.codeVerifier == "abc")
    }
}

private struct Unexpected: Error {}
