private import Crypto
private import GatehouseClient
private import GatehouseEncoding
internal import GatehouseJOSE

extension FakeIssuer {
    /// An access token for an API (RFC 9068).
    ///
    /// - Parameters:
    ///   - audience: Whom it is for.
    ///   - scope: What it allows.
    ///   - thumbprint: The key that it is bound to.
    /// - Returns: The token, as right as the issuer behaves.
    /// - Throws: An error if it cannot be signed.
    public func accessToken(
        for audience: String, scope: String = "", boundTo thumbprint: String? = nil
    ) throws -> String {
        let state = change { $0 }
        let payload = JSONWriter.object { json in
            json.add("iss", state.misbehavior == .foreignIssuer ? "https://a.test" : address)
            json.add("aud", state.misbehavior == .foreignAudience ? "another" : audience)
            json.add("client_id", "app")
            json.add("iat", clock.time + (state.misbehavior == .notYetValid ? 3_600 : 0))
            if state.misbehavior != .endless {
                json.add(
                    "exp",
                    clock.time + (state.misbehavior == .expired ? -3_600 : state.lifetime))
            }
            json.add("jti", "token-\(clock.time)")
            json.add("scope", scope)
            if let thumbprint { json.add("cnf", ["jkt": .string(thumbprint)]) }
            state.person.write(to: &json)
        }
        let type: TokenType = state.misbehavior == .foreignType ? .jwt : .accessToken
        return try signed(payload, type, state)
    }

    /// An ID token for a client, as right as the issuer behaves.
    func idToken(for grant: IssuerState.Grant, with accessToken: String) throws -> String {
        let state = change { $0 }
        let payload = JSONWriter.object { json in
            addParties(to: &json, grant, state)
            addTimes(to: &json, state)
            switch state.misbehavior {
            case .foreignNonce: json.add("nonce", "of somebody else")
            case .noNonce: break
            default: if let nonce = grant.nonce { json.add("nonce", nonce) }
            }
            let token = state.misbehavior == .foreignAccessTokenHash ? "another" : accessToken
            json.add("at_hash", AccessTokenHash.inIDToken(of: token, signedWith: .es256))
            var person = state.person
            if state.misbehavior == .foreignSubject { person.subject = "usr_mallory" }
            switch state.misbehavior {
            case .noSubject: break
            case .strangeOrganizations:
                json.add("sub", person.subject)
                json.add("organizations", "org_1")
            default: person.write(to: &json)
            }
        }
        let type: TokenType = state.misbehavior == .foreignType ? .accessToken : .jwt
        return try signed(payload, type, state)
    }

    private func addParties(
        to json: inout JSONMembers, _ grant: IssuerState.Grant, _ state: IssuerState
    ) {
        json.add(
            "iss", state.misbehavior == .foreignIssuer ? "https://attacker.test" : address)
        switch state.misbehavior {
        case .foreignAudience: json.add("aud", "another")
        case .unclearAudience: json.add("aud", [grant.clientID, "another"])
        case .foreignParty:
            json.add("aud", grant.clientID)
            json.add("azp", "another")
        default: json.add("aud", grant.clientID)
        }
    }

    private func addTimes(to json: inout JSONMembers, _ state: IssuerState) {
        let time = clock.time
        json.add("iat", time + (state.misbehavior == .notYetValid ? 3_600 : 0))
        if state.misbehavior != .endless {
            json.add("exp", time + (state.misbehavior == .expired ? -3_600 : 3_600))
        }
        json.add("auth_time", time - (state.misbehavior == .longAgo ? 86_400 : 0))
    }

    private func signed(
        _ payload: [UInt8], _ type: TokenType, _ state: IssuerState
    ) throws -> String {
        let key = state.key
        switch state.misbehavior {
        case .unknownKey:
            return try Signer(SigningKey(generating: .es256), type: type).sign(payload)
        case .keyInHeader:
            let own = try SigningKey(generating: .es256)
            let header = JSONWriter.object { json in
                json.add("alg", "ES256")
                json.add("typ", type.name)
                json.add("jwk", .object(own.publicKey.jsonObject))
            }
            return try Self.token(header, payload) { try own.signature(for: $0) }
        case .unsigned: return Self.token(header("none", type, key), payload) { _ in [] }
        case .sharedSecret:
            let secret = SymmetricKey(data: key.publicKey.jsonObject.serialized())
            return Self.token(header("HS256", type, key), payload) { input in
                Array(HMAC<SHA256>.authenticationCode(for: input, using: secret))
            }
        case .swappedAlgorithm:
            return try Self.token(header("RS256", type, key), payload) {
                try key.signature(for: $0)
            }
        case .wrongSignature:
            return try Self.token(header("ES256", type, key), payload) { _ in
                try key.signature(for: [1, 2, 3])
            }
        case .criticalExtension:
            let header = JSONWriter.object { json in
                json.add("alg", "ES256")
                json.add("kid", key.publicKey.keyID ?? "")
                json.add("crit", ["b64"])
            }
            return try Self.token(header, payload) { try key.signature(for: $0) }
        default: return try Signer(key, type: type).sign(payload)
        }
    }

    private func header(_ algorithm: String, _ type: TokenType, _ key: SigningKey) -> [UInt8] {
        JSONWriter.object { json in
            json.add("alg", algorithm)
            json.add("typ", type.name)
            json.add("kid", key.publicKey.keyID ?? "")
        }
    }

    private static func token(
        _ header: [UInt8], _ payload: [UInt8], _ sign: ([UInt8]) throws -> [UInt8]
    ) rethrows -> String {
        let input = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        return input + "." + Base64URL.encode(try sign(Array(input.utf8)))
    }
}
