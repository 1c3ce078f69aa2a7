import GatehouseProtocol
import Testing

@Suite struct `A request for claims` {
    private func refusal(of text: String) -> OAuthError.Code? {
        refusalCode { () throws(OAuthError) in try ClaimsRequest(parsing: text) }
    }

    @Test func `names what is wanted where`() throws {
        let request = try ClaimsRequest(
            parsing: #"""
                {"userinfo": {"given_name": {"essential": true}, "name": null,
                  "email": {"essential": true}, "http://example.info/claims/groups": null},
                 "id_token": {"auth_time": {"essential": true}, "email_verified": {},
                  "acr": {"values": ["urn:b", "urn:a"]}}, "other": 7}
                """#)
        #expect(request.userInfo == ["name", "email"])
        #expect(request.idToken == ["email_verified"])
        #expect(request.contextClasses == ["urn:b", "urn:a"])
        #expect(!request.isContextClassEssential && request.subject == nil)
    }

    @Test(arguments: [
        #"{"id_token":{"sub":{"value":"usr_1"}}}"#, #"{"userinfo":{"sub":{"values":["usr_1"]}}}"#,
        #"{"id_token":{"sub":{"value":"usr_1"}},"userinfo":{"sub":{"value":"usr_1"}}}"#,
    ])
    func `may be about one person`(text: String) throws {
        #expect(try ClaimsRequest(parsing: text).subject == "usr_1")
    }

    @Test(arguments: [
        "{}", #"{"userinfo":{},"id_token":{}}"#, #"{"userinfo":null}"#, #"{"id_token":null}"#,
        #"{"id_token":{"acr":{"essential":true}}}"#, #"{"x":{"email":null}}"#,
        #"{"userinfo":{"acr":{"essential":true,"value":"a"}}}"#,
        #"{"userinfo":{"sub":null,"EMAIL":null,"e\u0301":{"value":{"a":[1]}}}}"#,
    ])
    func `may want nothing that is known here`(text: String) throws {
        let request = try ClaimsRequest(parsing: text)
        #expect(request.userInfo.isEmpty && request.idToken.isEmpty && request.subject == nil)
        #expect(request.contextClasses.isEmpty)
    }

    @Test(arguments: [
        "", " ", "null", "[]", "7", "\"a\"", "{", "{}}", "{'a':1}", "{\"userinfo\":7}",
        #"{"userinfo":[]}"#, #"{"userinfo":{"email":true}}"#, #"{"userinfo":{"email":"yes"}}"#,
        #"{"userinfo":{"email":[]}}"#, #"{"userinfo":{"email":{"essential":"true"}}}"#,
        #"{"userinfo":{"email":{"essential":null}}}"#, #"{"id_token":{"acr":{"values":"a"}}}"#,
        #"{"id_token":{"acr":{"value":7}}}"#, #"{"id_token":{"acr":{"values":["a",null]}}}"#,
        #"{"id_token":{"sub":{"value":7}}}"#, #"{"id_token":{"sub":{"values":["a","b"]}}}"#,
        #"{"id_token":{"sub":{"value":"a"}},"userinfo":{"sub":{"value":"b"}}}"#,
        #"{"userinfo":{},"userinfo":{}}"#, #"{"userinfo":{"email":null,"email":null}}"#,
        #"{"userinfo":{"email":{"value":"\u0000"}}}"#, #"{"userinfo":{"email":{"value":1e999}}}"#,
        "{\"userinfo\":{\"email\":{\"value\":\u{FEFF}1}}}",
    ])
    func `that is malformed is refused`(text: String) {
        #expect(refusal(of: text) == .invalidRequest)
    }

    @Test func `that is huge or deep is refused`() throws {
        let padding = String(repeating: " ", count: ClaimsRequest.limit - 2)
        #expect(try ClaimsRequest(parsing: "{}" + padding).userInfo.isEmpty)
        #expect(refusal(of: "{} " + padding) == .invalidRequest)
        let deep = "[".times(2_000) + "]".times(2_000)
        #expect(refusal(of: #"{"userinfo":{"x":{"value":"# + deep + "}}}") == .invalidRequest)
    }
}
