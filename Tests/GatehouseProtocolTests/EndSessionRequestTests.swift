import GatehouseProtocol
import Testing

@Suite struct `An end session request` {
    private func request(_ query: String) throws -> EndSessionRequest {
        EndSessionRequest(try FormParameters(decoding: query.utf8))
    }

    @Test func `may say nothing`() throws {
        let request = try request("foo=bar")
        #expect(request == (try self.request("")))
        #expect(request.parameters.isEmpty)
    }

    @Test func `GH-167: says again what it said`() throws {
        let request = try request(
            "id_token_hint=a.b.c&client_id=web&state=%0D%0A%22&logout_hint=kay"
                + "&post_logout_redirect_uri=https%3A%2F%2Frp.test%2F")
        #expect(request.idTokenHint == "a.b.c" && request.clientID == "web")
        #expect(request.postLogoutRedirectURI == "https://rp.test/")
        #expect(request.state == "\r\n\"")
        let again = FormParameters(request.parameters.map { ($0.name.description, $0.value) })
        let second = EndSessionRequest(again)
        #expect(second.parameters.map(\.value) == request.parameters.map(\.value))
        #expect(second.idTokenHint == request.idTokenHint && second.state == request.state)
    }

    @Test func `GH-167: forgets what is repeated or too long`() throws {
        let long = try request(
            "state=\("a".times(2_049))&post_logout_redirect_uri=\("a".times(2_001))")
        #expect(long.state == nil && long.postLogoutRedirectURI == nil)
        let most = try request(
            "state=\("a".times(2_048))&post_logout_redirect_uri=\("a".times(2_000))")
        #expect(most.state != nil && most.postLogoutRedirectURI != nil)
        let twice = try request(
            "id_token_hint=a&id_token_hint=a&client_id=a&client_id=b&state=a&state="
                + "&post_logout_redirect_uri=a&post_logout_redirect_uri=b")
        #expect(twice == (try request("")))
    }
}
