import GatehouseProtocol
import Testing

@Suite struct `A bearer token` {
    private func token(_ headers: [String], _ query: String? = nil) throws -> String? {
        let form = try query.map { try FormParameters(decoding: $0.utf8) }
        return try BearerToken(authorization: headers, form: form)?.text
    }

    @Test func `is found in the header or in the form`() throws {
        #expect(try token(["Bearer a.b-c_d~e+f/g="]) == "a.b-c_d~e+f/g=")
        #expect(try token(["bearer abc"]) == "abc")
        #expect(try token(["BEARER abc"], "x=1") == "abc")
        #expect(try token([], "access_token=abc") == "abc")
    }

    @Test func `may be missing`() throws {
        #expect(try token([]) == nil)
        #expect(try token([], "") == nil)
        #expect(try token([], "token=abc") == nil)
    }

    @Test(
        arguments: [
            (["Bearer a"], "access_token=a"), (["Bearer a"], "access_token="),
            (["Bearer a", "Bearer a"], nil), (["Bearer a", "Basic a"], nil),
            ([], "access_token=a&access_token=a"), ([], "access_token="),
            (["Basic d2ViOmE="], "access_token=a"),
        ] as [([String], String?)])
    func `GH-158: that is sent twice is refused`(headers: [String], form: String?) {
        #expect(throws: OAuthError.self) { try token(headers, form) }
    }

    @Test(arguments: [
        "Bearer", "Bearer ", "Bearer  a", "Bearer a b", "Bearer a\t", "Bearera", "Basic d2Vi", "",
        "Bearer é", "Bearer a\0", "Bearer a\r\nb", "DPoP abc", " Bearer a",
    ])
    func `in a header of another shape is refused`(header: String) {
        #expect(throws: OAuthError.self) { try token([header]) }
    }
}
