import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A request object` {
    private func form(_ text: String) throws -> FormParameters {
        try RequestObject(JSONObject(parsing: Array(text.utf8))).form
    }

    @Test func `is read as the parameters that a form would have`() throws {
        let form = try form(
            """
            {"iss":"c","aud":["x"],"exp":1,"nbf":1,"iat":1,"jti":"j","sub":"s","client_id":"c",
             "state":"a &=%25","max_age":300,"claims":{"id_token":{"acr":{"values":["a"]}}},
             "resource":["https://a.test/1","https://a.test/2"],"unknown":[{"a":1}]}
            """)
        #expect(form[.clientID] == "c")
        #expect(form[.state] == "a &=%25")
        #expect(form[.maxAge] == "300")
        #expect(form[.claims] == #"{"id_token":{"acr":{"values":["a"]}}}"#)
        #expect(form.values(of: .resource) == ["https://a.test/1", "https://a.test/2"])
        #expect(form[ParameterName("unknown")] == #"[{"a":1}]"#)
        for name in ["iss", "aud", "exp", "nbf", "iat", "jti", "sub"] as [ParameterName] {
            #expect(!form.contains(name))
        }
        #expect(!form.hasRepetition(besides: [.resource]))
    }

    @Test(arguments: [
        #"{"client_id":"c","request":"a.b.c"}"#, #"{"client_id":"c","request":""}"#,
        #"{"client_id":"c","request":null}"#, #"{"client_id":"c","request_uri":"urn:x"}"#,
        #"{"client_id":null}"#, #"{"max_age":1.5}"#, #"{"resource":["a",1]}"#,
        "{" + (0...100).map { #""p\#($0)":"v""# }.joined(separator: ",") + "}",
        #"{"resource":["# + (0...100).map { #""r\#($0)""# }.joined(separator: ",") + "]}",
    ])
    func `GH-331: that holds another one, or something else than parameters, is refused`(
        text: String
    ) throws {
        #expect {
            try form(text)
        } throws: { error in
            (error as? OAuthError)?.code == .invalidRequestObject
        }
    }
}

@Suite struct `The list of a sector` {
    private func list(_ text: String) -> SectorIdentifierDocument? {
        SectorIdentifierDocument(parsing: Array(text.utf8))
    }

    @Test func `GH-341: lists an address byte for byte`() throws {
        let uri = try RedirectURI(registering: "https://a.test/cb")
        #expect(list(#"["https://b.test/", "https://a.test/cb"]"#)?.lists(uri) == true)
        for text in ["[]", #"["https://a.test/cb/"]"#, #"["https://A.test/cb"]"#] {
            #expect(list(text)?.lists(uri) == false)
        }
    }

    @Test(arguments: [
        "", "{}", "null", #""https://a.test/cb""#, #"["https://a.test/cb",1]"#, "<html></html>",
        #"[["https://a.test/cb"]]"#, #"["a"] ["b"]"#,
        "[" + (0...1_000).map { #""https://a.test/\#($0)""# }.joined(separator: ",") + "]",
    ])
    func `GH-341: is a list of texts, or none`(text: String) {
        #expect(list(text) == nil)
    }
}
