import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `A DPoP proof` {
    /// RFC 9449 figures 2 and 12.
    private static let atTheTokenEndpoint = """
        eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0V\
        jNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10Nn\
        Y5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE\
        9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-Gx\
        A6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg
        """
    private static let atAResource = """
        eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0V\
        jNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10Nn\
        Y5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0\
        VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU\
        2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP3\
        5yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA
        """

    private static let payload =
        #"{"jti":"a","htm":"POST","htu":"https://id.test/token","iat":1800000000}"#

    private func proof(
        header: String? = nil, _ payload: String = payload, key: SigningKey = Fixtures.es256
    ) throws -> String {
        let jwk = String(decoding: key.publicKey.jsonObject.serialized(), as: UTF8.self)
        let header = header ?? #"{"typ":"dpop+jwt","alg":"\#(key.algorithm.name)","jwk":\#(jwk)}"#
        return try Fixtures.token(header, Array(payload.utf8), key: key)
    }

    private func refusal(_ text: String) -> JOSEError? {
        do throws(JOSEError) {
            _ = try DPoPProof(verifying: text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `of RFC 9449 is read, and its key has the thumbprint that the RFC prints`() throws {
        let first = try DPoPProof(verifying: Self.atTheTokenEndpoint)
        #expect(first.keyThumbprint == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")
        #expect(first.tokenID == "-BwC3ESc6acc2lTc" && first.method == "POST")
        #expect(first.uri == "https://server.example.com/token")
        #expect(first.issuedAt == 1_562_262_616)
        #expect(first.accessTokenHash == nil && first.nonce == nil)
        let second = try DPoPProof(verifying: Self.atAResource)
        #expect(second.keyThumbprint == first.keyThumbprint)
        #expect(second.accessTokenHash == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo")
        #expect(second.method == "GET" && second.tokenID == "e1j3V_bKic8-LAEB")
    }

    @Test(arguments: Fixtures.keys)
    func `is signed by any of the algorithms`(key: SigningKey) throws {
        let read = try DPoPProof(verifying: proof(key: key))
        #expect(read.keyThumbprint == key.publicKey.thumbprint())
        #expect(DPoPProof.algorithms.contains(key.algorithm))
    }

    @Test(
        arguments: [
            (#"{"alg":"ES256","jwk":KEY}"#, JOSEError.wrongType),
            (#"{"typ":"JWT","alg":"ES256","jwk":KEY}"#, .wrongType),
            (#"{"typ":"at+jwt","alg":"ES256","jwk":KEY}"#, .wrongType),
            (#"{"typ":"dpop+jwt","alg":"none","jwk":KEY}"#, .wrongAlgorithm),
            (#"{"typ":"dpop+jwt","alg":"HS256","jwk":KEY}"#, .wrongAlgorithm),
            (#"{"typ":"dpop+jwt","alg":"EdDSA","jwk":KEY}"#, .wrongAlgorithm),
            (#"{"typ":"dpop+jwt","alg":"ES256"}"#, .malformedKey),
            (#"{"typ":"dpop+jwt","alg":"ES256","kid":"x"}"#, .malformedKey),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":[KEY]}"#, .malformedKey),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":"KEY"}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":{}}"#, .malformedKey),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"oct","k":"AA"}}"#, .privateKey),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":KEY,"jwk":KEY}"#, .malformed),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":KEY,"crit":["jwk"]}"#, .unsupportedHeader),
            (#"{"typ":"dpop+jwt","alg":"ES256","jwk":OTHER}"#, .wrongAlgorithm),
        ] as [(String, JOSEError)])
    func `says what it is, and has a public key of its algorithm`(
        header: String, expected: JOSEError
    ) throws {
        func text(_ key: SigningKey) -> String {
            String(decoding: key.publicKey.jsonObject.serialized(), as: UTF8.self)
        }
        let header =
            header.replacing("KEY", with: text(Fixtures.es256))
            .replacing("OTHER", with: text(Fixtures.edDSA))
        #expect(refusal(try proof(header: header)) == expected)
    }

    @Test func `with a private key is refused, whoever signed it`() throws {
        var object = Fixtures.es256.publicKey.jsonObject
        object.add("d", .string(RFC.p256.d))
        let jwk = String(decoding: object.serialized(), as: UTF8.self)
        let text = try proof(header: #"{"typ":"dpop+jwt","alg":"ES256","jwk":\#(jwk)}"#)
        #expect(refusal(text) == .privateKey)
    }

    @Test func `is believed only if its key signed all of it`() throws {
        let good = try proof()
        let parts = good.split(separator: ".").map(String.init)
        let other = try proof(Self.payload.replacing("POST", with: "GET"))
            .split(separator: ".").map(String.init)
        #expect(refusal("\(parts[0]).\(other[1]).\(parts[2])") == .wrongSignature)
        #expect(refusal("\(parts[0]).\(parts[1]).") == .wrongSignature)
        #expect(refusal("\(parts[0]).\(parts[1])") == .malformed)
        #expect(refusal("") == .malformed && refusal("..") == .malformed)
        #expect(refusal(good + "=") == .malformed && refusal(" " + good) == .malformed)
        #expect(refusal(good + "," + good) == .malformed)
        let large = try proof(
            Self.payload.replacing("\"a\"", with: "\"a\",\"x\":\"" + "y".repeated(8_000) + "\""))
        #expect(refusal(large) == .tooLarge)
    }

    @Test(arguments: [
        #""jti":"a""#, #""htm":"POST""#, #""htu":"https://id.test/token""#, #""iat":1800000000"#,
    ])
    func `GH-319: has each of its claims, of the right kind`(claim: String) throws {
        let name = String(claim.prefix { $0 != ":" })
        for value in [nil, "null", "1.5", "true", "[\"a\"]", "{}", "[1]", "\"\"", "1e400"] {
            // A time may have a fraction, an empty address or method is compared and not read.
            if value == "1.5" && name.contains("iat") { continue }
            if value == "\"\"" && name.contains("ht") { continue }
            let replaced = value.map { "\(name):\($0)" } ?? #""x":1"#
            let text = try proof(Self.payload.replacing(claim, with: replaced))
            let error = try #require(refusal(text), "\(replaced)")
            #expect([.malformedClaim, .malformed].contains(error))
        }
    }

    @Test(
        arguments: [
            ("x", true), ("x".repeated(256), true), ("x".repeated(257), false), ("", false),
            ("e\u{301}".repeated(85), true), ("e\u{301}".repeated(86), false),
        ] as [(String, Bool)])
    func `GH-319: has a name of a bounded length, in bytes`(name: String, isGood: Bool) throws {
        let text = try proof(Self.payload.replacing("\"a\"", with: "\"\(name)\""))
        #expect(refusal(text) == (isGood ? nil : .malformedClaim))
    }

    @Test func `GH-322: has no key that is dear to check, or was made carelessly`() throws {
        for exponent in ["AQ", "Aw", "EQ", "AgAAAAE", "AQABAQABAQAB", ""] {
            let jwk = #"{"kty":"RSA","n":"\#(RFC.modulus7515)","e":"\#(exponent)"}"#
            let text = try proof(
                header: #"{"typ":"dpop+jwt","alg":"RS256","jwk":\#(jwk)}"#, key: Fixtures.rs256)
            let error = try #require(refusal(text), "\(exponent)")
            #expect([.unsupportedKey, .malformedKey].contains(error))
        }
        for bytes in [128, 255, 513, 1_024, 2_048] {
            let modulus = Base64URL.encode([UInt8](repeating: 0xF1, count: bytes))
            let jwk = #"{"kty":"RSA","n":"\#(modulus)","e":"AQAB"}"#
            let text = try proof(
                header: #"{"typ":"dpop+jwt","alg":"RS256","jwk":\#(jwk)}"#, key: Fixtures.rs256)
            let error = try #require(refusal(text), "\(bytes)")
            #expect([.unsupportedKey, .malformedKey, .tooLarge].contains(error))
        }
    }

    @Test(
        arguments: [
            ("", 0, true), ("", 60, true), ("", -60, true), ("", 61, false), ("", -61, false),
            ("", 3_600, false), (#","exp":1800000010"#, 0, true),
            (#","exp":1799990000"#, 0, false), (#","nbf":1800000059"#, 0, true),
            (#","nbf":1800000061"#, 0, false), (#","exp":1800000001,"nbf":1"#, 50, true),
        ] as [(String, Int64, Bool)])
    func `GH-317: is made about now`(more: String, later: Int64, isGood: Bool) throws {
        let read = try DPoPProof(verifying: proof(String(Self.payload.dropLast()) + more + "}"))
        let checked = Result { () throws(JOSEError) in
            try read.checkTimes(now: 1_800_000_000 + later, tolerance: 60)
        }
        let isAccepted = if case .success = checked { true } else { false }
        #expect(isAccepted == isGood)
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
