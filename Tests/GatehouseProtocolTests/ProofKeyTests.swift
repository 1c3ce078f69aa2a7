import GatehouseEncoding
import GatehouseProtocol
import Testing

@Suite struct `A code challenge` {
    /// The one of RFC 7636 Appendix B.
    private static let good = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

    private func refused(_ challenge: String, _ method: String?) -> Bool {
        refusalCode { () throws(OAuthError) in try CodeChallenge(challenge, method: method) }
            == .invalidRequest
    }

    @Test func `is the base64url of a digest, by method S256`() throws {
        #expect(try CodeChallenge(Self.good, method: "S256").text == Self.good)
    }

    @Test(
        arguments: [
            nil, "", "plain", "s256", "S256 ", "S512", "S256,plain", "none", "S256\0", "S２56",
        ] as [String?])
    func `GH-059: by another method, or by none, is refused`(method: String?) {
        #expect(refused(Self.good, method))
    }

    @Test(arguments: [
        "", "a", String(good.dropLast()), good + "A", good + "=", good + " ", " " + good,
        good.replacing("-", with: "+"), good.replacing("-", with: "/"),
        good.replacing("E9", with: "é"), "a".times(100_000), good.replacing("E9", with: "\r\n"),
        good + "\0", good.uppercased() + good,
    ])
    func `GH-064: of another length or alphabet is refused`(challenge: String) {
        #expect(refused(challenge, "S256"))
        #expect(CodeChallenge(stored: challenge) == nil)
    }

    @Test func `GH-065: whose last character has bits to spare is refused`() {
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        let accepted = alphabet.filter { !refused(Self.good.dropLast() + String($0), "S256") }
        #expect(accepted == "AEIMQUYcgkosw048")
    }

    @Test func `GH-454: that spells the same digest differently is refused`() {
        let zeros = Base64URL.encode([UInt8](repeating: 0, count: 32))
        #expect(!refused(zeros, "S256"))
        #expect(refused(zeros.dropLast() + "B", "S256"))
    }
}

@Suite struct `A code verifier` {
    @Test(arguments: [
        "a".times(43), "a".times(128), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "-._~".times(11), "0123456789".times(5),
    ])
    func `of 43 to 128 unreserved characters is one`(text: String) {
        #expect(CodeVerifier(text)?.text == text)
    }

    @Test(
        arguments: [
            "", "a", "a".times(42), "a".times(129), "a".times(100_000), "a".times(42) + "%",
            "a".times(42) + "+", "a".times(42) + " ", "a".times(42) + "=", "a".times(42) + "/",
            "a".times(42) + "é", "é".times(43), "a".times(43) + "\0", "a".times(43) + "\n",
            "１".times(43),
        ] as [String])
    func `GH-064: of another length or alphabet is none`(text: String) {
        #expect(CodeVerifier(text) == nil)
    }
}
