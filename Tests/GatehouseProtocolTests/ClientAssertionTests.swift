import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A client assertion` {
    private static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    private func token(_ header: String, _ claims: String, _ signature: String = "AAAA") -> String {
        [Array(header.utf8), Array(claims.utf8)].map(Base64URL.encode).joined(separator: ".")
            + "." + signature
    }

    private func read(
        _ assertion: String, type: String? = type, clientID: String? = nil
    ) throws -> ClientAuthentication {
        let pairs = [
            ("client_assertion", assertion), ("client_assertion_type", type),
            ("client_id", clientID),
        ].compactMap { name, value in value.map { (name, $0) } }
        return try ClientAuthentication(authorization: [], form: FormParameters(pairs))
    }

    private func refusal(_ body: () throws -> ClientAuthentication) throws -> OAuthError? {
        do {
            _ = try body()
            return nil
        } catch let error as OAuthError {
            return error
        }
    }

    @Test func `says whose it claims to be`() throws {
        let good = token("{\"alg\":\"ES256\"}", "{\"sub\":\"app\"}")
        #expect(try read(good).clientID == "app")
        #expect(try read(good, clientID: "app").clientID == "app")
        #expect(try refusal { try read(good, clientID: "other") }?.code == .invalidClient)
        #expect(try refusal { try read(good, type: nil) }?.code == .invalidClient)
        #expect(try refusal { try read(good, type: Self.type + "x") }?.code == .invalidClient)
        #expect(try refusal { try read("") }?.code == .invalidClient)
    }

    @Test(arguments: ["HS256", "HS384", "HS512"])
    func `GH-098: with a shared secret is refused by name`(algorithm: String) throws {
        let assertion = token("{\"alg\":\"\(algorithm)\"}", "{\"sub\":\"app\"}")
        let refusal = try refusal { try read(assertion) }
        #expect(refusal?.code == .invalidClient)
        #expect(refusal?.description.description.contains("client_secret_jwt") == true)
    }

    @Test(arguments: [
        "a.b.c", "..", ".", "x", "e30.e30.e30", "e30.e30", "e30.e30.e30.e30", "e30=.e30.e30",
        "\u{0}", "💥.💥.💥",
    ])
    func `GH-134: that is none is refused`(text: String) throws {
        #expect(try refusal { try read(text) }?.code == .invalidClient)
    }

    @Test(arguments: [
        ("{\"alg\":\"ES256\"}", "{\"sub\":1}"), ("{\"alg\":\"ES256\"}", "{\"sub\":[\"a\"]}"),
        ("{\"alg\":\"ES256\"}", "{\"sub\":\"a\",\"sub\":\"b\"}"), ("{\"alg\":\"ES256\"}", "[]"),
        ("{\"alg\":\"ES256\"}", "{\"sub\":\"a\"}x"), ("{\"alg\":null}", "{\"sub\":\"a\"}"),
        ("{\"alg\":\"ES256\",\"alg\":\"none\"}", "{\"sub\":\"a\"}"), ("{}", "{\"sub\":\"a\"}"),
    ])
    func `GH-133: that means two things or nothing is refused`(
        header: String, claims: String
    ) throws {
        #expect(try refusal { try read(token(header, claims)) }?.code == .invalidClient)
    }

    @Test func `GH-094: of more than an honest size is refused`() throws {
        let long = token(
            "{\"alg\":\"ES256\"}", "{\"sub\":\"app\"}", String(repeating: "A", count: 16_384))
        #expect(try refusal { try read(long) }?.code == .invalidClient)
    }

    @Test func `GH-088: with a type and nothing else is a way to authenticate`() throws {
        let form = FormParameters([("client_id", "app"), ("client_assertion_type", Self.type)])
        let alone = try refusal { try ClientAuthentication(authorization: [], form: form) }
        #expect(alone?.code == .invalidClient)
        let both = try refusal {
            try ClientAuthentication(authorization: ["Basic YTpi"], form: form)
        }
        #expect(both?.code == .invalidRequest)
    }
}
