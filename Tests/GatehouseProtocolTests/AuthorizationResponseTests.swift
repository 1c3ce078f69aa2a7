import GatehouseProtocol
import Testing

@Suite struct `An authorization response` {
    private let issuer = Issuer(stored: "https://id.test/t/acme")

    private func target(
        _ uri: String, state: String?
    ) throws -> AuthorizationResponseTarget {
        AuthorizationResponseTarget(
            redirectURI: try RedirectURI(registering: uri), state: state, issuer: issuer)
    }

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
        let url = try target("https://rp.test/cb", state: state).url(code: "ac_1")
        #expect(url.hasPrefix("https://rp.test/cb?code=ac_1&state="))
        #expect(url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"'<>#\\".utf8.contains($0) })
        let form = try parameters(of: url)
        #expect(form[.state].map { Array($0.utf8) } == Array(state.utf8))
        #expect(form[.code] == "ac_1")
        #expect(form[ParameterName("iss")] == issuer.text)
        #expect(!form.hasRepetition)
    }

    @Test func `has no state unless the request had one`() throws {
        let url = try target("https://rp.test/cb", state: nil).url(code: "ac_1")
        #expect(url == "https://rp.test/cb?code=ac_1&iss=https%3A%2F%2Fid.test%2Ft%2Facme")
    }

    @Test func `says why there is no code`() throws {
        let error = OAuthError(.accessDenied, "The sign-in cannot be completed.")
        let form = try parameters(
            of: target("https://rp.test/cb", state: "s").url(error: error))
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
        #expect(try target(uri, state: nil).url(code: "x").hasPrefix(start + "&iss="))
    }

    @Test func `leaves the URI as it is when nothing is added`() throws {
        #expect(try RedirectURI(registering: "https://rp.test/cb?").adding([]).hasSuffix("/cb?"))
    }
}
