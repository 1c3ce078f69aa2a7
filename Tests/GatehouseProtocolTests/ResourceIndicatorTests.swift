import GatehouseProtocol
import Testing

@Suite struct `Resource indicators` {
    @Test(arguments: [
        "https://api.example.com", "https://api.example.com/v1?x=1", "urn:example:api",
        "api://default", "a:b", "HTTPS://A", "https://[::1]:8080/", "https://a/%20",
    ])
    func `are absolute URIs, kept as they are`(text: String) {
        #expect(ResourceIndicator(text)?.text == text)
    }

    @Test(arguments: [
        "", ":", "a", "a:", "1a:b", "-a:b", "//a", "/a", "a b:c", "https://a#", "https://a#b",
        "https://a b", "https://ä", "https://a\"b", "https://a<b", "https://a\\b", "https://a\nb",
        "https://a\0", "a:" + String(repeating: "x", count: 499),
    ])
    func `are nothing else`(text: String) {
        #expect(ResourceIndicator(text) == nil)
    }

    @Test func `may be named several times in a token request, and nothing else may`() throws {
        let request = try TokenRequest(
            FormParameters([
                ("grant_type", "client_credentials"), ("resource", "a:b"), ("resource", ""),
                ("resource", "c:d"), ("resource", "a:b"),
            ]), proof: nil)
        guard case .clientCredentials(let request) = request else { throw Unexpected() }
        #expect(request.resources.map(\.text) == ["a:b", "c:d"])
        #expect(throws: OAuthError.self) {
            try TokenRequest(
                FormParameters([
                    ("grant_type", "client_credentials"), ("resource", "a:b"), ("scope", "a"),
                    ("scope", "b"),
                ]), proof: nil)
        }
    }

    @Test func `survive in an authorization request that is stored`() throws {
        let request = try AuthorizationRequest(
            FormParameters([
                ("response_type", "code"), ("resource", "a:b"), ("resource", "c:d"),
            ]))
        let again = try AuthorizationRequest(
            FormParameters(request.parameters.map { ($0.0.text.description, $0.1) }))
        #expect(again == request && again.resources.map(\.text) == ["a:b", "c:d"])
    }

    private struct Unexpected: Error {}
}
