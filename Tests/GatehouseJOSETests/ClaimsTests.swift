import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `Claims` {
    private func claims(_ text: String) throws -> JWTClaims {
        try JWTClaims(parsing: Array(text.utf8))
    }

    private func refusal(_ text: String, now: Int64 = 1000, tolerance: Int64 = 5) -> JOSEError? {
        do throws(JOSEError) {
            let claims = try JWTClaims(parsing: Array(text.utf8))
            try claims.checkTimes(now: now, tolerance: tolerance)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "", "null", "[]", "\"a\"", "1", "{\"sub\":\"alice\",\"sub\":\"bob\"}", "{\"sub\":1,}",
        "{\"sub\":\"a\\u0000\"}", "{\"s\\u0075b\":1,\"sub\":2}", "\u{FEFF}{}", "{} {}",
    ])
    func `a payload that is no strict object is refused`(text: String) {
        #expect(throws: JOSEError.malformed) { try claims(text) }
    }

    @Test(arguments: [
        #"{"exp":1001}"#, #"{"exp":996}"#, #"{"exp":1000.9}"#, #"{"exp":1e3}"#,
        #"{"exp":9007199254740992}"#, #"{"exp":1001,"nbf":1005}"#, #"{"exp":1001,"iat":1005}"#,
        #"{"exp":1001,"nbf":1005.9}"#, #"{"exp":1001,"nbf":-1,"iat":0}"#,
    ])
    func `a time within the tolerance is accepted`(text: String) {
        #expect(refusal(text) == nil)
    }

    @Test(
        arguments: [
            (#"{"exp":995}"#, .expired), (#"{"exp":0}"#, .expired), (#"{"exp":-1}"#, .expired),
            (#"{"exp":995.9}"#, .expired), (#"{"exp":-9007199254740992}"#, .expired),
            (#"{"exp":1001,"nbf":1006}"#, .notYetValid),
            (#"{"exp":1001,"iat":1006}"#, .notYetValid),
            (#"{}"#, .malformedClaim), (#"{"exp":null}"#, .malformedClaim),
            (#"{"exp":"2000"}"#, .malformedClaim), (#"{"exp":true}"#, .malformedClaim),
            (#"{"exp":[2000]}"#, .malformedClaim), (#"{"exp":{}}"#, .malformedClaim),
            (#"{"exp":1e300}"#, .malformedClaim), (#"{"exp":9007199254740993}"#, .malformedClaim),
            (#"{"exp":9223372036854775807}"#, .malformedClaim),
            (#"{"exp":-9223372036854775808}"#, .malformedClaim),
            (#"{"exp":9223372036854775808}"#, .malformedClaim),
            (#"{"exp":2000,"nbf":"1"}"#, .malformedClaim),
            (#"{"exp":2000,"iat":null}"#, .malformedClaim),
            (#"{"exp":2000,"iat":1e400}"#, .malformed),
        ] as [(String, JOSEError)])
    func `any other time is refused`(text: String, error: JOSEError) {
        #expect(refusal(text) == error)
    }

    @Test func `an audience is one text or a list of texts`() throws {
        #expect(try claims(#"{}"#).audiences() == [])
        #expect(try claims(#"{"aud":"a"}"#).audiences() == ["a"])
        #expect(try claims(#"{"aud":["a","b"]}"#).isMeant(for: "b"))
        #expect(try !claims(#"{"aud":["a","b"]}"#).isMeant(for: "c"))
        #expect(try !claims(#"{}"#).isMeant(for: ""))
    }

    @Test(arguments: [
        #"{"aud":[]}"#, #"{"aud":[1]}"#, #"{"aud":["a",null]}"#, #"{"aud":{"a":1}}"#,
        #"{"aud":null}"#, #"{"aud":1}"#, #"{"aud":[["a"]]}"#,
    ])
    func `any other audience is refused`(text: String) throws {
        let claims = try claims(text)
        #expect(throws: JOSEError.malformedClaim) { try claims.isMeant(for: "a") }
    }

    @Test func `an audience that only looks the same is another one`() throws {
        let claims = try claims(#"{"aud":"https://rp.test/cafe\u0301"}"#)
        #expect(try !claims.isMeant(for: "https://rp.test/caf\u{E9}"))
        #expect(try claims.isMeant(for: "https://rp.test/cafe\u{301}"))
    }

    @Test func `a text is a text or missing`() throws {
        let claims = try claims(#"{"sub":"kay","azp":1,"nonce":null}"#)
        #expect(try claims.string("sub") == "kay")
        #expect(try claims.string("iss") == nil)
        #expect(throws: JOSEError.malformedClaim) { try claims.string("azp") }
        #expect(throws: JOSEError.malformedClaim) { try claims.string("nonce") }
    }
}
