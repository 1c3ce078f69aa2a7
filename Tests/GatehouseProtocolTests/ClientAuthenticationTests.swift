import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `Client authentication` {
    private func authentication(
        _ headers: [String], _ form: String = ""
    ) throws -> ClientAuthentication {
        try ClientAuthentication(
            authorization: headers, form: FormParameters(decoding: form.utf8))
    }

    private func refusal(_ headers: [String], _ query: String = "") throws -> OAuthError.Code? {
        let form = try FormParameters(decoding: query.utf8)
        return refusalCode { () throws(OAuthError) in
            try ClientAuthentication(authorization: headers, form: form)
        }
    }

    private func basic(_ credentials: String) -> String {
        "Basic " + Base64.encode(Array(credentials.utf8))
    }

    @Test(arguments: [
        ("web:secret", "web", "secret"), (":secret", "", "secret"),
        ("web:se:cret", "web", "se:cret"), ("web:se%3Acret", "web", "se:cret"),
        ("web:a%2Bb", "web", "a+b"), ("web:a+b", "web", "a b"), ("web:a%2541", "web", "a%41"),
        ("web:caf%C3%A9", "web", "café"), ("web:café", "web", "café"),
        ("w%65b:secret", "web", "secret"), ("web: ", "web", " "), ("web:%26%3D", "web", "&="),
        ("client_01:cs_ab-_Z", "client_01", "cs_ab-_Z"),
    ])
    func `GH-086, GH-089: by header is decoded exactly once`(
        credentials: String, id: String, secret: String
    ) throws {
        guard
            case .clientSecretBasic(let foundID, let found) = try authentication([
                basic(credentials)
            ])
        else { throw Unexpected() }
        #expect(foundID.isExactly(id) && found.isExactly(secret))
    }

    @Test(arguments: ["basic ", "BASIC ", "bAsIc ", "Basic   "])
    func `GH-089: by header has a scheme of any case`(scheme: String) throws {
        let header = scheme + Base64.encode(Array("web:secret".utf8))
        #expect(try authentication([header]).clientID == "web")
    }

    @Test(arguments: [
        "", "Basic", "Basic ", "Basic =", "Basic d2ViOnNlY3JldA", "Basic d2ViOnNlY3JldA=",
        "Basic d2ViOnNlY3JldA== ", "Basic d2ViOnNlY3JldA==, x", "Basic d2Vi", "Basic !!!!",
        "Basic\td2ViOnNlY3JldA==", " Basic d2ViOnNlY3JldA==", "Bearer d2ViOnNlY3JldA==",
        "Digest username=web", "Basicd2ViOnNlY3JldA==", "Basic d2ViOnNlY3JldB==",
        "Basic d2Vi\r\nOnNlY3JldA==", "Ｂasic d2ViOnNlY3JldA==", "Basic d2Vi-nNlY3JldA==",
    ])
    func `GH-089: by a malformed header is refused`(header: String) throws {
        #expect(try refusal([header]) == .invalidClient)
    }

    @Test(arguments: [
        "web:%", "web:%4", "web:%zz", "%00:secret", "web:%00", "web:a\0b", "web:%ff",
        "web:a&client_id=spa", "web:a=b", "w=b:secret", "a&client_secret=x:secret",
    ])
    func `GH-086, GH-089: of credentials that no form could hold is refused`(
        credentials: String
    ) throws {
        #expect(try refusal([basic(credentials)]) == .invalidClient)
    }

    @Test func `GH-089: by a header that is not UTF-8 is refused`() throws {
        let header = "Basic " + Base64.encode([0x77, 0x3A, 0xFF])
        #expect(try refusal([header]) == .invalidClient)
    }

    @Test func `GH-089: by a header of a megabyte is refused`() throws {
        #expect(try refusal(["Basic " + "A".times(1 << 20)]) == .invalidClient)
        #expect(try refusal(["A".times(1 << 20)]) == .invalidClient)
        #expect(try refusal([basic("web:" + "a".times(4_000))]) == .invalidClient)
        #expect(try refusal([basic("web:" + "a".times(3_000))]) == nil)
    }

    @Test func `GH-089: by two headers is refused`() throws {
        #expect(try refusal([basic("web:a"), basic("web:a")]) == .invalidRequest)
        #expect(try refusal([basic("web:a"), "Bearer x"]) == .invalidRequest)
    }

    @Test(arguments: [
        "client_secret=secret", "client_secret=", "client_id=web&client_secret=secret",
        "client_assertion=x", "client_id=spa&client_assertion=x", "client_id=spa",
        "client_id=web%00".replacing("%00", with: "%20"),
    ])
    func `GH-071, GH-088: by header and in another way is refused`(form: String) throws {
        #expect(try refusal([basic("web:secret")], form) == .invalidRequest)
    }

    @Test(arguments: [
        "client_id=a&client_id=a", "client_id=a&client_secret=b&client_secret=b",
        "client_id=a&client_secret=b&client_assertion=c", "client_id=a&client_id=&client_secret=b",
        "client_assertion=a&client_assertion=a",
    ])
    func `GH-088: by form in more than one way is refused`(form: String) throws {
        #expect(try refusal([], form) == .invalidRequest)
    }

    @Test(arguments: [
        "", "client_id=", "client_secret=secret", "client_id=&client_secret=secret",
        "client_id=a&client_assertion=b", "client_assertion=", "grant_type=client_credentials",
    ])
    func `GH-085: of nobody, or by what is not supported, is refused`(form: String) throws {
        #expect(try refusal([], form) == .invalidClient)
    }

    @Test func `may repeat the client's name beside the header`() throws {
        let known = try authentication([basic("web:secret")], "client_id=web")
        #expect(known.clientID == "web")
        #expect(try authentication([basic("web:secret")], "client_id=").clientID == "web")
    }

    @Test func `GH-448: that repeats the name in another normal form is refused`() throws {
        let header = basic("caf\u{E9}:secret")
        #expect(try refusal([header], "client_id=caf%C3%A9") == nil)
        #expect(try refusal([header], "client_id=cafe%CC%81") == .invalidRequest)
    }

    @Test func `by form holds name and secret`() throws {
        guard
            case .clientSecretPost(let id, let secret) = try authentication(
                [], "client_id=web&client_secret=a%2Bb"),
            case .none(let name) = try authentication([], "client_id=spa")
        else { throw Unexpected() }
        #expect(id == "web" && secret == "a+b")
        #expect(name == "spa")
    }

    @Test func `with an empty secret is one without a secret`() throws {
        for (headers, form) in [
            ([], "client_id=spa&client_secret="), ([basic("spa:")], ""),
            ([basic("spa:")], "client_id=spa"),
        ] {
            guard case .none(clientID: "spa") = try authentication(headers, form) else {
                throw Unexpected()
            }
        }
        #expect(try refusal([basic("spa:")], "client_id=web") == .invalidRequest)
        #expect(try refusal([basic("spa:")], "client_id=spa&client_secret=") == .invalidRequest)
    }

    private struct Unexpected: Error {}
}
