import GatehouseEncoding
import GatehouseJOSE
import Testing

@Suite struct `Which key verifies` {
    private func named(_ keyID: String?, _ key: SigningKey = Fixtures.es256) throws -> JSONWebKey {
        var object = key.publicKey.jsonObject
        object.remove("kid")
        if let keyID { object.add("kid", .string(keyID)) }
        return try JSONWebKey(object)
    }

    @Test func `a key is found by its exact name`() throws {
        let other = try SigningKey(generating: .es256)
        let keys = [
            try named("a"), try named("b", other), try named("A", other), try named(nil, other),
        ]
        #expect(
            Fixtures.refusal(try Fixtures.token(#"{"alg":"ES256","kid":"a"}"#), by: keys) == nil)
        for (keyID, error) in [
            ("A", JOSEError.wrongSignature), ("b", .wrongSignature), ("c", .unknownKey),
            ("", .unknownKey), ("a ", .unknownKey), ("a\u{0301}", .unknownKey),
            ("../../dev/null", .unknownKey), ("a' OR '1'='1", .unknownKey),
        ] {
            let token = try Fixtures.token(#"{"alg":"ES256","kid":"\#(keyID)"}"#)
            #expect(Fixtures.refusal(token, by: keys) == error)
        }
    }

    @Test func `names that only look the same are two names`() throws {
        let composed = [try named("caf\u{E9}")]
        let composedToken = try Fixtures.token("{\"alg\":\"ES256\",\"kid\":\"caf\u{E9}\"}")
        let decomposedToken = try Fixtures.token("{\"alg\":\"ES256\",\"kid\":\"cafe\u{301}\"}")
        #expect(Fixtures.refusal(composedToken, by: composed) == nil)
        #expect(Fixtures.refusal(decomposedToken, by: composed) == .unknownKey)
        #expect(Fixtures.refusal(decomposedToken, by: [try named("cafe\u{301}")]) == nil)
    }

    @Test func `without a name the key must be the only one that fits`() throws {
        let token = try Fixtures.token(#"{"alg":"ES256"}"#)
        #expect(Fixtures.refusal(token, by: [try named("a")]) == nil)
        #expect(Fixtures.refusal(token, by: [try named("a"), Fixtures.edDSA.publicKey]) == nil)
        #expect(Fixtures.refusal(token, by: [try named("a"), try named("b")]) == .unknownKey)
        #expect(Fixtures.refusal(token, by: []) == .unknownKey)
    }

    @Test func `two keys of one name that both fit are no answer`() throws {
        let token = try Fixtures.token(#"{"alg":"ES256","kid":"a"}"#)
        #expect(Fixtures.refusal(token, by: [try named("a"), try named("a")]) == .unknownKey)
        #expect(
            Fixtures.refusal(token, by: [try named("a"), try named("a", Fixtures.edDSA)]) == nil)
        let other = [try named("a", Fixtures.edDSA)]
        #expect(Fixtures.refusal(token, by: other) == .wrongAlgorithm)
    }
}

@Suite struct `A key known by other means` {
    @Test func `verifies whatever name the token gives`() throws {
        let read = try UnverifiedJWS(
            parsing: try Fixtures.token(#"{"alg":"ES256","typ":"dpop+jwt","kid":"x"}"#))
        let key = Fixtures.es256.publicKey
        let payload = try read.verified(by: key, algorithms: [.es256], types: [.dpopProof])
        #expect(payload == Fixtures.claims)
        #expect(throws: JOSEError.wrongAlgorithm) {
            try read.verified(by: key, algorithms: [.edDSA], types: [.dpopProof])
        }
        #expect(throws: JOSEError.wrongAlgorithm) {
            try read.verified(
                by: Fixtures.edDSA.publicKey, algorithms: [.es256], types: [.dpopProof])
        }
        #expect(throws: JOSEError.wrongType) {
            try read.verified(by: key, algorithms: [.es256], types: [.jwt])
        }
    }
}

@Suite struct `Types of tokens` {
    private func refusal(_ type: String?, expecting types: [TokenType]) throws -> JOSEError? {
        let member = type.map { #","typ":"\#($0)""# } ?? ""
        return Fixtures.refusal(try Fixtures.token(#"{"alg":"ES256"\#(member)}"#), types: types)
    }

    @Test(arguments: [
        "at+jwt", "AT+JWT", "At+Jwt", "application/at+jwt", "APPLICATION/AT+JWT",
        "Application/at+JWT",
    ])
    func `an access token says that it is one`(type: String) throws {
        #expect(try refusal(type, expecting: [.accessToken]) == nil)
    }

    @Test(arguments: [
        nil, "JWT", "jwt", "", "at+jwt ", " at+jwt", "at", "jwt+at", "application/JWT",
        "application/",
        "application/application/at+jwt", "text/at+jwt", "x/application/at+jwt", "logout+jwt",
        "dpop+jwt", "at+jwt;v=1", "at+\u{212A}wt", "at\u{FF0B}jwt", "applıcation/at+jwt",
        "at+jw\u{1D54B}",
    ])
    func `an ID token or anything else is no access token`(type: String?) throws {
        #expect(try refusal(type, expecting: [.accessToken]) == .wrongType)
    }

    @Test func `a JWT need not say so`() throws {
        for type in [nil, "JWT", "jwt", "application/jwt"] {
            #expect(try refusal(type, expecting: [.jwt]) == nil)
        }
        for type in ["at+jwt", "logout+jwt", "dpop+jwt", "", "JOSE"] {
            #expect(try refusal(type, expecting: [.jwt]) == .wrongType)
        }
        #expect(try refusal("logout+jwt", expecting: [.jwt, .logoutToken]) == nil)
        #expect(try refusal("JWT", expecting: []) == .wrongType)
    }

    @Test func `a signer writes algorithm, type and name of the key`() throws {
        for key in Fixtures.keys {
            let token = try Signer(key, type: .accessToken).sign(Fixtures.claims)
            let read = try UnverifiedJWS(parsing: token)
            let header: JSONObject = [
                "alg": .string(key.algorithm.name), "typ": "at+jwt",
                "kid": .string(key.publicKey.thumbprint()),
            ]
            #expect(read.unverifiedHeader == header)
            let payload = try Fixtures.verify(token, by: [key.publicKey], types: [.accessToken])
            #expect(payload == Fixtures.claims)
        }
    }
}
