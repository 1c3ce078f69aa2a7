import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `The address of a request` {
    private let target = TargetURI(normalizing: "https://id.test/t/acme/oauth2/token")

    @Test(arguments: [
        "https://id.test/t/acme/oauth2/token", "HTTPS://ID.Test/t/acme/oauth2/token",
        "https://id.test:443/t/acme/oauth2/token", "https://id.test:/t/acme/oauth2/token",
        "https://id.test/t/acme/oauth2/token?x=1", "https://id.test/t/acme/oauth2/token#f",
        "https://id.test/t/acme/oauth2/token#f?x", "https://id.test/t/acme/%6Fauth2/%74oken",
        "https://id.test/t/./acme/oauth2/token", "https://id.test/../t/acme/oauth2/token",
        "https://id.test/t/x/../acme/oauth2/token", "https://id.test/t/x/%2E%2e/acme/oauth2/token",
        "https://i%64.test/t/acme/oauth2/token",
    ])
    func `GH-314: has one normal form`(spelling: String) {
        #expect(TargetURI(normalizing: spelling) == target)
    }

    @Test(arguments: [
        "http://id.test/t/acme/oauth2/token", "https://id.test:80/t/acme/oauth2/token",
        "https://id.test:8443/t/acme/oauth2/token", "https://id.test./t/acme/oauth2/token",
        "https://id.test/t/acme/oauth2/token/", "https://id.test//t/acme/oauth2/token",
        "https://id.test/T/acme/oauth2/token", "https://id.test/t/acme/oauth2%2Ftoken",
        "https://id.test.evil.test/t/acme/oauth2/token", "https://evil.test/t/acme/oauth2/token",
        "https://id.test/t/umbra/oauth2/token", "https://id.test/t/acme/token",
        "https://id.test/t/acme/oauth2/token/..", "https://id.test/t/acme/oauth2/token/.",
    ])
    func `GH-314: is another if it is not the same`(spelling: String) {
        let other = TargetURI(normalizing: spelling)
        #expect(other != nil && other != target)
    }

    @Test(arguments: [
        "", "https", "https:", "https://", "https:///t", "//id.test/t", "/t/acme", "id.test/t",
        "ftp://id.test/t", "https:/id.test", "https:\\\\id.test", "https://id.test\\t",
        "https://user@id.test/t/acme/oauth2/token", "https://@id.test/t/acme/oauth2/token",
        "https://user:x@id.test/", "https://id.test:0443/", "https://id.test:x/",
        "https://id.test:65536/", "https://id.test:-1/", "https://id.test:+443/",
        "https://id.test/%", "https://id.test/%2", "https://id.test/%zz", "https://id.test/%+f",
        "https://id.test/é", "https://ïd.test/", "https://id.test/ ", " https://id.test/",
        "https://id.test/\0", "https://id.test/\r\n", "https://id.test/<>", "ｈttps://id.test/",
    ])
    func `GH-314: is none if two readers could differ`(text: String) {
        #expect(TargetURI(normalizing: text) == nil)
    }

    @Test func `has a path, and is of a bounded length`() {
        #expect(TargetURI(normalizing: "http://[::1]:80")?.text == "http://[::1]/")
        #expect(TargetURI(normalizing: "http://[::1]:81?x")?.text == "http://[::1]:81/")
        #expect(TargetURI(normalizing: "https://a/b/%c3%a9%7e")?.text == "https://a/b/%C3%A9~")
        #expect(TargetURI(normalizing: "https://a/b/..")?.text == "https://a/")
        #expect(TargetURI(normalizing: "https://a/b/.")?.text == "https://a/b/")
        #expect(TargetURI(normalizing: "https://a/b//../c")?.text == "https://a/b/c")
        #expect(TargetURI(normalizing: "https://a/" + "b".times(2_038)) != nil)
        #expect(TargetURI(normalizing: "https://a/" + "b".times(2_039)) == nil)
    }

    @Test func `is that of the issuer's host, with the path of the request`() {
        let issuer = Issuer(stored: "https://id.test/base/t/acme")
        let path = "/base/t/acme/oauth2/token"
        #expect(TargetURI(of: issuer, path: path)?.text == "https://id.test" + path)
        let bare = Issuer(stored: "http://127.0.0.1:8080")
        #expect(TargetURI(of: bare, path: "/token")?.text == "http://127.0.0.1:8080/token")
    }
}

@Suite struct `A presented token` {
    private func token(_ headers: [String], _ query: String? = nil) throws -> PresentedToken? {
        let form = try query.map { try FormParameters(decoding: $0.utf8) }
        return try PresentedToken(authorization: headers, form: form)
    }

    @Test func `is presented by one of two schemes`() throws {
        for header in ["DPoP a.b-c~d", "dpop a.b-c~d", "DPOP a.b-c~d"] {
            guard case .dpop("a.b-c~d") = try token([header], "x=1") else {
                Issue.record("\(header)")
                return
            }
        }
        guard case .bearer("a") = try token(["Bearer a"]),
            case .bearer("b") = try token([], "access_token=b")
        else {
            Issue.record("not a bearer token")
            return
        }
        #expect(try token([]) == nil)
    }

    @Test(
        arguments: [
            (["DPoP a"], "access_token=a"), (["DPoP a"], "access_token="),
            (["DPoP a", "DPoP a"], nil), (["DPoP a", "Bearer a"], nil),
            (["Bearer a", "DPoP a"], nil), (["DPoP "], nil), (["DPoP"], nil), (["DPoP  a"], nil),
            (["DPoP a b"], nil), (["DPoP é"], nil), (["DPoPa"], nil), (["DPoP\ta"], nil),
        ] as [([String], String?)])
    func `GH-316: that comes twice, or in another shape, is refused`(
        headers: [String], form: String?
    ) {
        #expect(throws: OAuthError.self) { try token(headers, form) }
    }
}

@Suite struct `A confirmation` {
    private let text = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

    @Test func `names a key by its thumbprint`() throws {
        let confirmation = Confirmation.key(try #require(JWKThumbprint(parsing: text)))
        #expect(confirmation.tokenType == "DPoP")
        #expect(confirmation.jsonObject == ["jkt": .string(text)])
        #expect(Confirmation(confirmation.jsonObject) == confirmation)
    }

    @Test func `names a certificate by its thumbprint`() throws {
        let confirmation = Confirmation.certificate(
            try #require(CertificateThumbprint(parsing: text)))
        #expect(confirmation.tokenType == "Bearer")
        #expect(confirmation.jsonObject == ["x5t#S256": .string(text)])
        #expect(Confirmation(confirmation.jsonObject) == confirmation)
    }

    @Test func `that asks for something unknown is not understood`() {
        #expect(Confirmation([:]) == nil)
        #expect(Confirmation(["jkt": 1]) == nil)
        #expect(Confirmation(["jkt": "x"]) == nil)
        #expect(Confirmation(["x5t": .string(text)]) == nil)
        #expect(Confirmation(["x5t#S256": "x"]) == nil)
        #expect(Confirmation(["jkt": .string(text), "x5t#S256": .string(text)]) == nil)
    }

    private static let others: [String] = {
        let almost = "A".times(42)
        return ["", "A", almost, almost + "AA", almost + "B", almost + "=", " " + almost]
            + ["+".times(43), "é".times(43), almost + "A\0"]
    }()

    @Test(arguments: others)
    func `is not of what is no thumbprint`(text: String) {
        #expect(JWKThumbprint(parsing: text) == nil)
        let form = FormParameters([("response_type", "code"), ("dpop_jkt", text)])
        // A parameter without a value counts as absent.
        let code = refusalCode { () throws(OAuthError) in try AuthorizationRequest(form) }
        #expect(code == (text.isEmpty ? nil : .invalidRequest))
    }

    @Test func `is asked for with the authorization request, and kept with it`() throws {
        let form = FormParameters([("response_type", "code"), ("dpop_jkt", text)])
        let request = try AuthorizationRequest(form)
        #expect(request.dpopKey?.text == text)
        let stored = FormParameters(request.parameters.map { ($0.0.text.description, $0.1) })
        #expect(try AuthorizationRequest(stored) == request)
    }
}
