import GatehouseProtocol
import Testing

@Suite struct `An exchange request` {
    private static let access = "urn:ietf:params:oauth:token-type:access_token"
    private static let good: [(String, String)] = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("subject_token", "eyJ.a.b"), ("subject_token_type", access),
    ]

    private func request(_ more: [(String, String)] = []) throws -> TokenExchangeRequest {
        guard
            case .tokenExchange(let request) = try TokenRequest(
                FormParameters(Self.good + more), proof: nil)
        else { throw Unexpected() }
        return request
    }

    private func refusal(_ pairs: [(String, String)]) -> OAuthError.Code? {
        refusalCode { () throws(OAuthError) in
            try TokenRequest(FormParameters(pairs), proof: nil)
        }
    }

    @Test func `carries the tokens, and whom the new one is for in either way`() throws {
        let bare = try request()
        #expect(bare.subjectToken.text == "eyJ.a.b" && bare.subjectToken.type == .accessToken)
        #expect(bare.actorToken == nil && bare.resources.isEmpty && bare.scope == nil)
        let full = try request([
            ("actor_token", "x"), ("actor_token_type", Self.access), ("scope", "a b"),
            ("resource", "https://a.test"), ("audience", "https://b.test"),
            ("audience", "https://a.test"), ("requested_token_type", Self.access),
        ])
        #expect(full.actorToken == "x" && full.scope == Scope("a", "b"))
        #expect(full.resources.map(\.text) == ["https://a.test", "https://b.test"])
    }

    @Test(
        arguments: [
            [("actor_token", "x")], [("actor_token_type", access)],
            [("actor_token", ""), ("actor_token_type", access)],
            [("actor_token", "x"), ("actor_token_type", "")],
            [("actor_token", "x"), ("actor_token_type", "urn:x")],
            [("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")],
            [("requested_token_type", "")], [("requested_subject", "usr_1")],
            [("requested_subject", "")], [("subject_token", "y")],
            [("scope", "a"), ("scope", "b")],
            [("actor_token", "x"), ("actor_token", "y"), ("actor_token_type", access)],
        ] as [[(String, String)]])
    func `GH-364, GH-365: is refused if it says too much or too little`(
        more: [(String, String)]
    ) {
        #expect(refusal(Self.good + more) == .invalidRequest)
    }

    @Test(
        arguments: [
            "", "access_token", access + " ", access.uppercased(), access + "\u{301}",
            "urn:ietf:params:oauth:token-type:jwt", "urn:ietf:params:oauth:token-type:saml2",
        ])
    func `GH-364: is refused if its token is of no kind that is known`(type: String) {
        #expect(
            refusal([Self.good[0], Self.good[1], ("subject_token_type", type)]) == .invalidRequest)
    }

    @Test func `names resources and nothing else`() {
        for audience in ["orders", "https://a.test#b", "client_1", " "] {
            #expect(refusal(Self.good + [("audience", audience)]) == .invalidTarget)
        }
        #expect(
            refusal([("grant_type", "client_credentials"), ("audience", "a"), ("audience", "a")])
                == .invalidRequest)
    }

    private struct Unexpected: Error {}
}
