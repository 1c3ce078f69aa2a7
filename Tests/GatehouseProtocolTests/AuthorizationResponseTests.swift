import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `An authorization response` {
    private let issuer = Issuer(stored: "https://id.test/t/acme")

    private func target(
        _ uri: String, state: String?, mode: String = "query"
    ) throws -> AuthorizationResponseTarget {
        AuthorizationResponseTarget(
            redirectURI: try RedirectURI(registering: uri),
            mode: try #require(ResponseMode(parsing: mode)), state: state, issuer: issuer)
    }

    /// The address that a response sends the browser to.
    private func url(_ response: AuthorizationResponse) throws -> String {
        guard case .redirect(let address) = response.delivery else { throw NoRedirect() }
        return address
    }

    private struct NoRedirect: Error {}

    /// What a client reads from the query of an address.
    private func parameters(of url: String) throws -> FormParameters {
        let mark = try #require(url.firstIndex(of: "?"))
        return try FormParameters(decoding: url[url.index(after: mark)...].utf8)
    }

    @Test(arguments: [
        "a", "a b", "\r\nSet-Cookie: x=1", "\u{1F511}\u{FE0F}", "\"'<script>&=#?+%", "%0d%0a",
        "a&code=evil", "caf\u{E9}", "cafe\u{301}", "a".times(2_048), "#fragment", "\u{2028}",
    ])
    func `GH-010: gives the state back byte for byte, and nothing else`(state: String) throws {
        let url = try url(target("https://rp.test/cb", state: state).response(code: "ac_1"))
        #expect(url.hasPrefix("https://rp.test/cb?code=ac_1&state="))
        #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'<>#\\".utf8.contains($0) })
        let form = try parameters(of: url)
        #expect(form[.state].map { Array($0.utf8) } == Array(state.utf8))
        #expect(form[.code] == "ac_1")
        #expect(form[ParameterName("iss")] == issuer.text)
        #expect(!form.hasRepetition)
    }

    @Test func `has no state unless the request had one`() throws {
        let url = try url(target("https://rp.test/cb", state: nil).response(code: "ac_1"))
        #expect(url == "https://rp.test/cb?code=ac_1&iss=https%3A%2F%2Fid.test%2Ft%2Facme")
    }

    @Test func `says why there is no code`() throws {
        let error = OAuthError(.accessDenied, "The sign-in cannot be completed.")
        let form = try parameters(
            of: url(target("https://rp.test/cb", state: "s").response(error: error)))
        #expect(form[ParameterName("error")] == "access_denied")
        #expect(form[ParameterName("error_description")] == "The sign-in cannot be completed.")
        #expect(form[.state] == "s" && form[ParameterName("iss")] == issuer.text)
        #expect(!form.contains(.code))
    }

    @Test(arguments: [
        ("https://rp.test/cb?a=1", "https://rp.test/cb?a=1&code=x"),
        ("https://rp.test/cb?", "https://rp.test/cb?&code=x"),
        ("https://rp.test", "https://rp.test?code=x"),
        ("com.acme.app:/cb", "com.acme.app:/cb?code=x"),
    ])
    func `keeps the query that was registered`(uri: String, start: String) throws {
        let url = try url(target(uri, state: nil).response(code: "x"))
        #expect(url.hasPrefix(start + "&iss="))
    }

    @Test func `leaves the URI as it is when nothing is added`() throws {
        #expect(try RedirectURI(registering: "https://rp.test/cb?").adding([]).hasSuffix("/cb?"))
    }

    @Test func `in the fragment has the same parameters there`() throws {
        let url = try url(
            target("https://rp.test/cb?a=1", state: "s&#", mode: "fragment")
                .response(code: "ac_1"))
        let issuer = "iss=https%3A%2F%2Fid.test%2Ft%2Facme"
        #expect(url == "https://rp.test/cb?a=1#code=ac_1&state=s%26%23&\(issuer)")
    }

    @Test func `in a form has the same parameters as fields`() throws {
        let response = try target("https://rp.test/cb", state: "s", mode: "form_post")
            .response(error: OAuthError(.loginRequired, "Nobody."))
        guard case .form(let uri, let fields) = response.delivery else { throw NoRedirect() }
        #expect(uri.text == "https://rp.test/cb")
        #expect(
            fields.map(\.name.description) == ["error", "error_description", "state", "iss"])
        #expect(fields.map(\.value) == ["login_required", "Nobody.", "s", issuer.text])
    }

    @Test(arguments: [("query.jwt", "?"), ("jwt", "?"), ("fragment.jwt", "#")])
    func `that is signed shows nothing but the token`(mode: String, mark: String) throws {
        let response = try target("https://rp.test/cb", state: "s", mode: mode)
            .response(code: "ac_1")
        guard case .redirect(let url) = response.delivery(signed: "a.b-c_d.e") else {
            throw NoRedirect()
        }
        #expect(url == "https://rp.test/cb\(mark)response=a.b-c_d.e")
        let claims = try JSONObject(parsing: response.claims(audience: "web", expiresAt: 7))
        #expect(claims.members.map(\.name) == ["iss", "aud", "exp", "code", "state"])
        #expect(claims["iss"]?.string == issuer.text && claims["aud"]?.string == "web")
        #expect(claims["exp"]?.integer == 7 && claims["code"]?.string == "ac_1")
        #expect(claims["state"]?.string == "s")
    }
}

@Suite struct `A response mode` {
    @Test func `has the name that it was read from`() throws {
        for name in ResponseMode.offered {
            let mode = try #require(ResponseMode(parsing: name))
            #expect(mode.text == (name == "jwt" ? "query.jwt" : name))
            #expect(mode.isSigned == name.hasSuffix("jwt"))
        }
        #expect(Set(ResponseMode.offered).count == 7)
    }

    @Test(arguments: [
        "", "QUERY", "query ", " query", "query.JWT", "web_message", "form-post", "jwt.jwt",
        "query fragment", "query\u{301}", ".jwt", "garbage",
    ])
    func `GH-008: of another name is none`(name: String) {
        #expect(ResponseMode(parsing: name) == nil)
    }
}
