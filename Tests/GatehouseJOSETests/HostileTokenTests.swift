import Crypto
import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `Hostile tokens` {
    private let key = Fixtures.es256.publicKey
    private let good = Signer(Fixtures.es256, type: .jwt)

    @Test(arguments: [
        "none", "None", "NONE", "nOnE", "none ", " none", "", "es256", "ES256 ", "Es256", "ES384",
        "ES512", "ES256K", "RS384", "RS512", "PS384", "PS512", "HS256", "HS384", "HS512", "Ed25519",
        "EDDSA", "ES256\u{0301}", "RSA1_5", "dir", "ＥＳ256",
    ])
    func `an algorithm of another name is refused, signed or not`(name: String) throws {
        let header = String(decoding: JSONWriter.object { $0.add("alg", name) }, as: UTF8.self)
        #expect(Fixtures.refusal(try Fixtures.token(header)) == .wrongAlgorithm)
        #expect(Fixtures.refusal(Fixtures.token(header, signature: [])) == .wrongAlgorithm)
    }

    @Test(arguments: [
        "{}", #"{"alg":null}"#, #"{"alg":["ES256"]}"#, #"{"alg":{"ES256":1}}"#, #"{"alg":1}"#,
        #"{"alg":true}"#, #"{"ALG":"ES256"}"#, #"{"alg":"ES256","alg":"ES256"}"#,
        #"{"alg":"none","alg":"ES256"}"#, #"{"alg":"ES256","\u0061lg":"none"}"#,
        #"{"alg":"ES256","kid":"a","kid":"b"}"#, #"{"alg":"ES256","kid":1}"#,
        #"{"alg":"ES256","kid":null}"#, #"{"alg":"ES256","kid":["a"]}"#,
        #"{"alg":"ES256","typ":1}"#,
        #"{"alg":"ES256","typ":null}"#, #"{"alg":"ES256","typ":["JWT"]}"#, #"{"alg":"ES256",}"#,
        "", "null", "[]", #""ES256""#, #"["alg","ES256"]"#, #"{"alg":"ES256"} "# + "x",
        #"{"alg":"ES256"}{}"#, "\u{FEFF}" + #"{"alg":"ES256"}"#, #"{"alg":"ES256\u0000"}"#,
        #"{"alg":"ES256","x":"\ud800"}"#, #"{"alg":"ES256","x":1e400}"#, #"{alg:"ES256"}"#,
        #"{"alg":"ES256"/**/}"#, #"{'alg':'ES256'}"#,
    ])
    func `a header that is not strictly one is refused`(header: String) throws {
        #expect(Fixtures.refusal(try Fixtures.token(header)) == .malformed)
    }

    @Test(arguments: [
        #""crit":["exp"]"#, #""crit":[]"#, #""crit":null"#, #""crit":["b64"],"b64":false"#,
        #""b64":false"#, #""b64":true"#, #""zip":"DEF""#, #""zip":null"#, #""crit":"x""#,
    ])
    func `a header that changes the meaning of the token is refused`(member: String) throws {
        let token = try Fixtures.token(#"{"alg":"ES256",\#(member)}"#)
        #expect(Fixtures.refusal(token) == .unsupportedHeader)
    }

    @Test func `a shared secret made of the public key signs nothing`() throws {
        let publicKey = try P256.Signing.PublicKey(
            rawRepresentation: Fixtures.bytes(RFC.p256.x) + Fixtures.bytes(RFC.p256.y))
        let secrets: [[UInt8]] = [
            Array(publicKey.pemRepresentation.utf8), Array(publicKey.derRepresentation),
            Array(publicKey.rawRepresentation), Array(publicKey.x963Representation),
            key.jsonObject.serialized(), Array(RFC.p256.x.utf8), Fixtures.bytes(RFC.p256.x), [],
        ]
        for header in [#"{"alg":"HS256"}"#, #"{"alg":"ES256"}"#] {
            for secret in secrets {
                let input = Base64URL.encode(header.utf8) + "." + Base64URL.encode(Fixtures.claims)
                let code = HMAC<SHA256>.authenticationCode(
                    for: Array(input.utf8), using: SymmetricKey(data: secret))
                #expect(Fixtures.refusal("\(input).\(Base64URL.encode(code))") != nil)
            }
        }
    }

    @Test func `the algorithm is the key's and never the token's`() throws {
        for signing in Fixtures.keys {
            for other in Fixtures.keys where other.algorithm != signing.algorithm {
                let token = try Fixtures.token(
                    #"{"alg":"\#(signing.algorithm.name)"}"#, key: signing)
                #expect(Fixtures.refusal(token, by: [other.publicKey]) == .wrongAlgorithm)
                let renamed = try Fixtures.token(
                    #"{"alg":"\#(other.algorithm.name)"}"#, key: signing)
                #expect(Fixtures.refusal(renamed, by: [signing.publicKey]) == .wrongAlgorithm)
            }
        }
    }

    @Test func `an RSA key without alg goes by what the verifier accepts, each time anew`() throws {
        let key = try Fixtures.key(#"{"kty":"RSA","n":"\#(RFC.modulus7515)","e":"AQAB"}"#)
        let first = try Fixtures.token(#"{"alg":"RS256"}"#, key: Fixtures.rs256)
        let second = try Fixtures.token(#"{"alg":"PS256"}"#, key: Fixtures.ps256)
        for _ in 0..<2 {
            #expect(Fixtures.refusal(first, by: [key]) == nil)
            #expect(Fixtures.refusal(second, by: [key]) == nil)
            #expect(Fixtures.refusal(first, by: [key], algorithms: [.ps256]) == .wrongAlgorithm)
            #expect(Fixtures.refusal(second, by: [key], algorithms: [.rs256]) == .wrongAlgorithm)
        }
        let confused = try Fixtures.token(#"{"alg":"PS256"}"#, key: Fixtures.rs256)
        #expect(Fixtures.refusal(confused, by: [key]) == .wrongSignature)
        #expect(Fixtures.refusal(first, by: [key], algorithms: []) == .wrongAlgorithm)
    }

    @Test func `a token has three parts of canonical base64url and nothing else`() throws {
        let token = try good.sign(Fixtures.claims)
        let parts = token.split(separator: ".").map(String.init)
        let wrong = [
            "", ".", "..", "...", parts[0], "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).",
            ".\(parts[1]).\(parts[2])", "\(parts[0])..\(parts[2])", "\(token).", ".\(token)",
            "\(token).\(parts[2])", "\(parts[0]).\(parts[1]).\(parts[1]).\(parts[1]).\(parts[2])",
            "\(token)=", "\(token)==", " \(token)", "\(token) ", "\(token)\n", "\(token)\r\n",
            "\(token)\0", "Bearer \(token)", "\(parts[0]). \(parts[1]).\(parts[2])",
            "\(parts[0])=.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1])==.\(parts[2])",
            "\(parts[0]).\(parts[1])+.\(parts[2])", "\(token)\u{0301}", "\u{FEFF}\(token)",
            parts.joined(separator: "\u{FF0E}"), #"{"payload":"","protected":"","signature":""}"#,
        ]
        #expect(Fixtures.refusal(token) == nil)
        for text in wrong { #expect(Fixtures.refusal(text) != nil, "\(text)") }
    }

    @Test func `a token cut anywhere is refused`() throws {
        let token = try good.sign(Fixtures.claims)
        for length in 0..<token.utf8.count {
            #expect(
                Fixtures.refusal(String(decoding: token.utf8.prefix(length), as: UTF8.self)) != nil)
            #expect(
                Fixtures.refusal(String(decoding: token.utf8.dropFirst(length + 1), as: UTF8.self))
                    != nil)
        }
    }

    @Test func `a huge or deep token is refused before anything is computed`() throws {
        #expect(Fixtures.refusal(String(repeating: "A", count: 1 << 20)) == .tooLarge)
        #expect(Fixtures.refusal(String(repeating: ".", count: 16 * 1024)) == .malformed)
        let large = try good.sign([UInt8](repeating: 0x20, count: 13_000))
        #expect(Fixtures.refusal(large) == .tooLarge)
        let deep = #"{"alg":"ES256","x":"# + String(repeating: "[", count: 5000)
        #expect(Fixtures.refusal(try Fixtures.token(deep)) == .malformed)
        let bomb = try good.sign(Array(String(repeating: "[", count: 5000).utf8))
        let payload = try Fixtures.verify(bomb, by: [key])
        #expect(throws: JOSEError.malformed) { try JWTClaims(parsing: payload) }
    }

    @Test func `a key in the header is never used`() throws {
        let attacker = try SigningKey(generating: .es256)
        let jwk = String(decoding: attacker.publicKey.jsonObject.serialized(), as: UTF8.self)
        for member in [
            #""jwk":\#(jwk)"#, #""jku":"https://evil.test/jwks""#, #""x5u":"https://evil.test/c""#,
            #""x5c":["MIIB"]"#, #""jwk":\#(jwk),"kid":"\#(key.keyID ?? "")""#,
        ] {
            let token = try Fixtures.token(#"{"alg":"ES256",\#(member)}"#, key: attacker)
            #expect(Fixtures.refusal(token) == .wrongSignature)
            #expect(Fixtures.refusal(token, by: []) == .unknownKey)
        }
    }
}
