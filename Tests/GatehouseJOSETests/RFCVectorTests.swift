import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `The examples of the RFCs` {
    private let payload7515 =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

    @Test func `RFC 7515 A.2 verifies with RS256`() throws {
        let key = try Fixtures.key(
            #"{"kty":"RSA","n":"\#(RFC.modulus7515)","e":"AQAB"}"#)
        let payload = try Fixtures.verify(RFC.rs256, by: [key])
        #expect(payload == Array(payload7515.utf8))
        #expect(Fixtures.refusal(RFC.rs256, by: [key], algorithms: [.ps256]) == .wrongAlgorithm)
    }

    @Test func `RFC 7515 A.2 is signed to the same bytes`() throws {
        let token = try Fixtures.token(
            #"{"alg":"RS256"}"#, Array(payload7515.utf8), key: Fixtures.rs256)
        #expect(token.isExactly(RFC.rs256))
    }

    @Test func `RFC 7515 A.3 verifies with ES256`() throws {
        let key = try Fixtures.key(
            #"{"kty":"EC","crv":"P-256","x":"\#(RFC.p256.x)","y":"\#(RFC.p256.y)"}"#)
        let payload = try Fixtures.verify(RFC.es256, by: [key])
        #expect(payload == Array(payload7515.utf8))
    }

    @Test func `RFC 7515 A.3 has the public key of its private key`() {
        let object = Fixtures.es256.publicKey.jsonObject
        #expect(object["x"] == .string(RFC.p256.x))
        #expect(object["y"] == .string(RFC.p256.y))
    }

    @Test func `RFC 8037 A.4 verifies with EdDSA and is signed to the same bytes`() throws {
        let key = try Fixtures.key(
            #"{"kty":"OKP","crv":"Ed25519","x":"\#(RFC.ed25519.x)"}"#)
        let payload = try Fixtures.verify(RFC.edDSA, by: [key])
        #expect(payload == Array("Example of Ed25519 signing".utf8))
        let token = try Fixtures.token(#"{"alg":"EdDSA"}"#, payload, key: Fixtures.edDSA)
        #expect(token.isExactly(RFC.edDSA))
    }

    @Test func `RFC 8037 A.3 has its thumbprint`() {
        let thumbprint = Fixtures.edDSA.publicKey.thumbprint()
        #expect(thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }

    @Test func `RFC 7638 3.1 has its thumbprint`() throws {
        let key = try Fixtures.key(
            """
            {"kty":"RSA","n":"\(RFC.modulus7638)","e":"AQAB","alg":"RS256","kid":"2011-04-29"}
            """)
        #expect(key.thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
    }

    @Test func `RFC 7520 4.2 is refused since PS384 is not spoken here`() throws {
        let key = try Fixtures.key(
            #"{"kty":"RSA","n":"\#(RFC.modulus7520)","e":"AQAB"}"#)
        #expect(Fixtures.refusal(RFC.ps384, by: [key]) == .wrongAlgorithm)
    }
}
