import CryptoExtras
import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `Public keys` {
    private static let rsa = #""kty":"RSA","e":"AQAB","n":"\#(RFC.modulus7515)""#
    private static let ec = #""kty":"EC","crv":"P-256","x":"\#(RFC.p256.x)","y":"\#(RFC.p256.y)""#
    private static let okp = #""kty":"OKP","crv":"Ed25519","x":"\#(RFC.ed25519.x)""#

    private func refusal(_ text: String) -> JOSEError? {
        do {
            _ = try Fixtures.key(text)
            return nil
        } catch {
            return error as? JOSEError
        }
    }

    @Test(arguments: [
        "{\(rsa)}", #"{\#(rsa),"alg":"RS256"}"#, #"{\#(rsa),"alg":"PS256","use":"sig"}"#,
        "{\(ec)}", #"{\#(ec),"alg":"ES256","kid":"a","key_ops":["verify"]}"#,
        "{\(okp)}", #"{\#(okp),"alg":"EdDSA","x5t":"x","custom":{"a":1}}"#,
        #"{\#(ec),"key_ops":["sign","verify"]}"#, #"{\#(ec),"kid":""}"#,
    ])
    func `a key that can verify is read`(text: String) {
        #expect(refusal(text) == nil)
    }

    @Test(arguments: [
        "{}", #"{"kty":"RSA"}"#, #"{"kty":1}"#, #"{"kty":null}"#, #"{"kty":["RSA"]}"#,
        #"{\#(ec),"kid":1}"#, #"{\#(ec),"kid":null}"#, #"{\#(ec),"alg":1}"#,
        #"{\#(ec),"use":["sig"]}"#,
        #"{\#(ec),"key_ops":"verify"}"#, #"{\#(ec),"key_ops":[1]}"#, #"{"kty":"EC","crv":"P-256"}"#,
        #"{"kty":"EC","crv":"P-256","x":"\#(RFC.p256.y)","y":"\#(RFC.p256.x)"}"#,
        #"{"kty":"EC","crv":"P-256","x":"\#(RFC.p256.x)=","y":"\#(RFC.p256.y)"}"#,
        #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"P-256","x":"","y":""}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#, #"{"kty":"OKP","crv":"Ed25519"}"#,
        #"{"kty":"OKP","crv":"Ed25519","x":"\#(RFC.ed25519.x)A"}"#,
        #"{"kty":"RSA","e":"AQAB","n":"AA\#(RFC.modulus7515)"}"#,
        #"{"kty":"RSA","e":"","n":"\#(RFC.modulus7515)"}"#,
        #"{"kty":"RSA","e":"AA","n":"\#(RFC.modulus7515)"}"#,
        #"{"kty":"RSA","e":"AAEAAQ","n":"\#(RFC.modulus7515)"}"#,
        #"{"kty":"RSA","e":"AQAB","n":""}"#, #"{"kty":"RSA","e":65537,"n":"\#(RFC.modulus7515)"}"#,
        #"{"kty":"RSA","e":"AQAB","n":"\#(RFC.modulus7515)=="}"#,
    ])
    func `a key that lacks something or contradicts itself is refused`(text: String) {
        #expect(refusal(text) == .malformedKey)
    }

    @Test(arguments: [
        #"{"kty":"oct"}"#, #"{"kty":"rsa"}"#, #"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
        #"{"kty":"EC","crv":"P-384","x":"AA","y":"AA"}"#,
        #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
        #"{"kty":"OKP","crv":"Ed448","x":"AA"}"#,
        #"{"kty":"OKP","crv":"X25519","x":"\#(RFC.ed25519.x)"}"#,
        #"{\#(rsa),"alg":"RS512"}"#, #"{\#(rsa),"alg":"RSA-OAEP"}"#, #"{\#(rsa),"alg":"ES256"}"#,
        #"{\#(rsa),"alg":"HS256"}"#, #"{\#(rsa),"alg":"none"}"#, #"{\#(ec),"alg":"RS256"}"#,
        #"{\#(ec),"alg":"EdDSA"}"#, #"{\#(okp),"alg":"ES256"}"#, #"{\#(ec),"alg":"es256"}"#,
        #"{\#(ec),"use":"enc"}"#, #"{\#(ec),"use":"SIG"}"#, #"{\#(ec),"use":""}"#,
        #"{\#(ec),"key_ops":["encrypt"]}"#, #"{\#(ec),"key_ops":[]}"#,
        #"{\#(ec),"key_ops":["sign"]}"#,
    ])
    func `a key of another kind or use is not for us`(text: String) {
        #expect(refusal(text) == .unsupportedKey)
    }

    @Test(arguments: ["AQ", "Ag", "BA", "AQAA", "gAAAAAAAAAE", "________________"])
    func `an exponent that is even, one or huge is refused`(exponent: String) {
        let text = #"{"kty":"RSA","e":"\#(exponent)","n":"\#(RFC.modulus7515)"}"#
        #expect(refusal(text) == .unsupportedKey)
    }

    @Test(arguments: [
        (64, 0x80), (128, 0x80), (255, 0x80), (256, 0x7F), (1025, 0x80), (2048, 0xFF),
    ])
    func `an RSA key of less than 2048 or more than 8192 bits is refused`(size: Int, first: Int) {
        var modulus = [UInt8](repeating: 0xFF, count: size)
        modulus[0] = UInt8(first)
        let text = #"{"kty":"RSA","e":"AQAB","n":"\#(Base64URL.encode(modulus))"}"#
        #expect(refusal(text) == .unsupportedKey)
    }

    @Test func `an even modulus is refused`() {
        var modulus = Fixtures.bytes(RFC.modulus7515)
        modulus[255] &= 0xFE
        let text = #"{"kty":"RSA","e":"AQAB","n":"\#(Base64URL.encode(modulus))"}"#
        #expect(refusal(text) == .unsupportedKey)
    }

    @Test(arguments: ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
    func `a private key is refused whatever else it is`(member: String) {
        for key in [Self.rsa, Self.ec, Self.okp, #""kty":"oct""#] {
            #expect(refusal(#"{\#(key),"\#(member)":"AA"}"#) == .privateKey)
            #expect(refusal(#"{\#(key),"\#(member)":null}"#) == .privateKey)
        }
    }

    @Test func `what is published is read again and has the same thumbprint`() throws {
        for key in Fixtures.keys {
            let object = key.publicKey.jsonObject
            let again = try JSONWebKey(JSONObject(parsing: object.serialized()))
            #expect(again.jsonObject == object)
            #expect(again.thumbprint().isExactly(key.publicKey.thumbprint()))
            #expect(again.keyID?.isExactly(again.thumbprint()) == true)
            #expect(again.algorithm == key.algorithm)
        }
    }

    @Test func `a set keeps the keys it understands`() throws {
        let set = try Fixtures.set(
            """
            {"keys":[{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"},{\(Self.rsa),"alg":"RS512"},
            {"kty":"EC","crv":"P-521","x":"AA","y":"AA"},{\(Self.ec),"use":"enc"},{},
            {"kty":"oct","k":"AA"},{"kty":"RSA","e":"AQAB","n":"_w"},{\(Self.ec),"kid":"a"},
            {\(Self.okp),"d":"AA"},{\(Self.okp)}]}
            """)
        #expect(set.keys.count == 2)
        #expect(set.skippedCount == 8)
        let token = try Fixtures.token(#"{"alg":"ES256","kid":"a"}"#)
        let read = try UnverifiedJWS(parsing: token)
        #expect(try read.verified(by: set, algorithms: [.es256], types: [.jwt]) == Fixtures.claims)
        #expect(try JSONWebKeySet(set.jsonObject, privateKeys: .refused).keys.count == 2)
    }

    @Test func `a private key in a registered set is an error`() {
        let text = Array(#"{"keys":[{\#(Self.ec)},{\#(Self.okp),"d":"AA"}]}"#.utf8)
        #expect(throws: JOSEError.privateKey) {
            try JSONWebKeySet(parsing: text, privateKeys: .refused)
        }
        #expect(throws: Never.self) { try JSONWebKeySet(parsing: text, privateKeys: .skipped) }
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"keys":{}}"#, #"{"keys":null}"#, #"{"keys":[1]}"#,
        #"{"keys":[],"keys":[]}"#,
    ])
    func `what is no set is refused`(text: String) {
        #expect(throws: JOSEError.malformedKey) { try Fixtures.set(text) }
    }

    @Test func `a huge set is refused`() {
        let many = Array(repeating: "{}", count: 101).joined(separator: ",")
        #expect(throws: JOSEError.tooLarge) { try Fixtures.set(#"{"keys":[\#(many)]}"#) }
        let long = String(repeating: " ", count: JSONWebKeySet.mostBytes + 1)
        #expect(throws: JOSEError.tooLarge) { try Fixtures.set(long) }
    }
}

@Suite struct `Private keys` {
    @Test(arguments: Fixtures.keys)
    func `a key comes back from its bytes`(key: SigningKey) throws {
        let again = try SigningKey(
            restoring: key.secretBytes(), algorithm: key.algorithm, keyID: "k1")
        #expect(again.publicKey.thumbprint() == key.publicKey.thumbprint())
        #expect(again.publicKey.keyID == "k1")
        let token = try Signer(again, type: .jwt).sign(Fixtures.claims)
        #expect(Fixtures.refusal(token, by: [again.publicKey]) == nil)
        #expect(Fixtures.refusal(token, by: [key.publicKey]) == .unknownKey)
    }

    @Test(arguments: Algorithm.allCases)
    func `a new key is new each time and signs`(algorithm: Algorithm) throws {
        let one = try SigningKey(generating: algorithm)
        let other = try SigningKey(generating: algorithm)
        #expect(one.publicKey.thumbprint() != other.publicKey.thumbprint())
        let token = try Signer(one, type: .jwt).sign(Fixtures.claims)
        #expect(Fixtures.refusal(token, by: [one.publicKey]) == nil)
        #expect(Fixtures.refusal(token, by: [other.publicKey]) == .unknownKey)
    }

    @Test(arguments: Algorithm.allCases)
    func `bytes that are no key are refused`(algorithm: Algorithm) {
        let wrong: [[UInt8]] = [
            [], [0], [UInt8](repeating: 0, count: 31), [UInt8](repeating: 0xFF, count: 33),
            [UInt8](repeating: 0x30, count: 1200),
        ]
        for bytes in wrong {
            #expect(throws: JOSEError.malformedKey) {
                try SigningKey(restoring: bytes, algorithm: algorithm)
            }
        }
    }

    @Test(arguments: Fixtures.keys)
    func `a key is never printed`(key: SigningKey) {
        var dumped = ""
        dump(key, to: &dumped)
        dump([Signer(key, type: .jwt)], to: &dumped)
        #expect("\(key)" == "‹secret›")
        #expect(String(reflecting: key) == "‹secret›")
        #expect(!dumped.contains("PrivateKey"))
        #expect(Mirror(reflecting: key).children.isEmpty)
    }

    @Test func `the names of the algorithms are read back and nothing else is`() {
        for algorithm in Algorithm.allCases {
            #expect(Algorithm(name: algorithm.name) == algorithm)
        }
        for name in ["", "none", "rs256", "RS256 ", "RS384", "HS256"] {
            #expect(Algorithm(name: name) == nil)
        }
    }
}
