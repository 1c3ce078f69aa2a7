import GatehouseCore
import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL
import Testing

/// Somebody who has a key and proves it.
private struct Holder: Sendable {
    static let target = "https://id.test/t/acme/oauth2/token"

    let key: SigningKey

    init() throws {
        key = try SigningKey(generating: .es256)
    }

    var thumbprint: JWKThumbprint {
        get throws { try #require(JWKThumbprint(parsing: key.publicKey.thumbprint())) }
    }

    /// A request with a proof that is right but for what is said otherwise.
    func request(
        after delay: Lifetime = .seconds(0), nonce: String? = nil, method: String = "POST",
        jti: String = "a"
    ) throws -> ProofPresentation {
        let header = JSONWriter.object { json in
            json.add("typ", "dpop+jwt")
            json.add("alg", "ES256")
            json.add("jwk", .object(key.publicKey.jsonObject))
        }
        let payload = JSONWriter.object { json in
            json.add("jti", jti)
            json.add("htm", method)
            json.add("htu", Self.target)
            json.add("iat", (World.start + delay).seconds)
            if let nonce { json.add("nonce", nonce) }
        }
        let text = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        let signature = try key.signature(for: Array(text.utf8))
        return ProofPresentation(
            proofs: [text + "." + Base64URL.encode(signature)], method: "POST",
            target: TargetURI(normalizing: Self.target))
    }

    /// What a request proves that is right.
    func proof(_ name: String, after delay: Lifetime = .seconds(0)) throws -> ProvenKey {
        ProvenKey(
            thumbprint: try thumbprint, tokenID: name, issuedAt: (World.start + delay).seconds)
    }
}

extension World {
    fileprivate func refresh(
        _ token: Secret, by client: Client, _ proof: ProvenKey?, after delay: Lifetime = .seconds(1)
    ) async throws -> TokenResponse {
        try await gatehouse.refreshTokenGrant.redeem(
            RefreshTokenRequest(
                refreshToken: token.revealed, scope: nil, proof: proof.map(Possession.key)),
            by: client, of: acme, through: issuer, on: Self.occasion(after: delay))
    }

    fileprivate var proofCount: Int64? {
        get async throws {
            try await database.read {
                try $0.row("SELECT count(*) AS n FROM dpop_proof")?.integer("n")
            }
        }
    }
}

extension UseCases {
    @Suite struct `A key that is proven` {
        @Test(arguments: Backend.available)
        func `GH-317, GH-320: is that of a good proof, at its time and with its nonce`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (holder, check) = (try Holder(), world.gatehouse.checkDPoPProof)
                let thumbprint = try holder.thumbprint
                func outcome(
                    _ request: ProofPresentation, _ client: Client,
                    after delay: Lifetime = .seconds(0)
                ) throws -> OAuthError.Code? {
                    do throws(OAuthError) {
                        let key = try check.provenKey(
                            in: request, of: client, at: world.acme.id, at: World.start + delay)
                        #expect(key?.thumbprint == thumbprint)
                        return nil
                    } catch {
                        return error.code
                    }
                }
                var strict = world.phone
                strict.policies.requiresDPoPNonce = true
                let good = try holder.request()
                #expect(try outcome(good, world.phone) == nil)
                #expect(try outcome(good, world.phone, after: .seconds(60)) == nil)
                #expect(try outcome(good, world.phone, after: .seconds(61)) == .invalidDPoPProof)
                let early = try holder.request(after: .seconds(61))
                #expect(try outcome(early, world.phone) == .invalidDPoPProof)
                #expect(try outcome(early, world.phone, after: .seconds(1)) == nil)
                #expect(try outcome(holder.request(method: "GET"), strict) == .invalidDPoPProof)
                #expect(try outcome(good, strict) == .useDPoPNonce)
                let nonces = check.nonces
                let nonce = nonces.current(for: world.acme.id, at: World.start)
                for (minutes, isFresh) in [(0, true), (4, true), (6, true), (11, false)] {
                    let delay = Lifetime.minutes(Int64(minutes))
                    let later = try holder.request(after: delay, nonce: nonce)
                    let expected: OAuthError.Code? = isFresh ? nil : .useDPoPNonce
                    #expect(try outcome(later, strict, after: delay) == expected)
                    #expect(try outcome(later, world.web, after: delay) == expected)
                }
                let foreign = nonces.current(for: world.umbra.id, at: World.start)
                #expect(foreign != nonce)
                #expect(try outcome(holder.request(nonce: foreign), strict) == .useDPoPNonce)
            }
        }

        @Test(arguments: Backend.available)
        func `is asked for where the client is set so, and nowhere else`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let check = world.gatehouse.checkDPoPProof
                let none = ProofPresentation(proofs: [], method: "POST", target: nil)
                let key = try check.provenKey(
                    in: none, of: world.phone, at: world.acme.id, at: World.start)
                #expect(key == nil)
                var strict = world.phone
                strict.policies.requiresDPoP = true
                let client = strict
                #expect(throws: OAuthError.self) {
                    _ = try check.provenKey(
                        in: none, of: client, at: world.acme.id, at: World.start)
                }
                #expect(try World.client("Page", .spa).policies.requiresDPoPNonce)
                #expect(!world.web.policies.requiresDPoPNonce && !world.web.policies.requiresDPoP)
            }
        }

        @Test(arguments: Backend.available)
        func `GH-458: counts for one of 64 who bring its proof at once`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (one, other) = (try Holder(), try Holder())
                for name in ["a", "b"] {
                    let proof = try one.proof(name)
                    let outcomes = await concurrently(64) { _ in
                        try await world.records { try $0.dpopProofs.use(proof) }
                    }
                    #expect(try outcomes.count { try $0.get() } == 1)
                }
                // A name belongs to its key and its tenant.
                let same = try other.proof("a")
                #expect(try await world.records { try $0.dpopProofs.use(same) })
                let proof = try one.proof("a")
                let neighbour = world.umbra.id
                #expect(
                    try await world.database.write {
                        try $0.records(of: neighbour).dpopProofs.use(proof)
                    })
                #expect(try await world.proofCount == 4)
            }
        }

        @Test(arguments: Backend.available)
        func `is remembered until no node takes its proof any more`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let proof = try Holder().proof("a")
                try await world.records { _ = try $0.dpopProofs.use(proof) }
                let job = RemoveExpired(database: world.database, holder: "a")
                for (seconds, count) in [(60, 1), (120, 1), (121, 0)] as [(Int64, Int64)] {
                    while try await job.run(at: World.start + .seconds(seconds)) {}
                    #expect(try await world.proofCount == count)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `GH-124: is what a public client's refresh token stays bound to`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (holder, thief) = (try Holder(), try Holder())
                let (first, grant) = try await world.refreshToken(for: world.phone)
                let answer = try await world.refresh(first, by: world.phone, holder.proof("a"))
                let token = try #require(answer.nextToken)
                #expect(token.revealed != first.revealed)
                #expect(answer.confirmation == .key(try holder.thumbprint))
                for day in 1...3 as ClosedRange<Int64> {
                    let again = try await world.refresh(
                        token, by: world.phone, holder.proof("\(day)"), after: .days(day))
                    #expect(again.refreshToken == token.revealed)
                }
                let proofs: [(ProvenKey?, OAuthError.Code)] = [
                    (nil, .invalidDPoPProof), (try thief.proof("a"), .invalidGrant),
                    (try holder.proof("a"), .invalidDPoPProof),
                ]
                for (proof, expected) in proofs {
                    let error = try await refusal {
                        try await world.refresh(token, by: world.phone, proof, after: .days(4))
                    }
                    #expect(error == expected)
                }
                #expect(try await !world.isRevoked(grant))
                // The one before it is spent: whoever brings it late, with the key even, is judged.
                let late = try await refusal {
                    try await world.refresh(
                        first, by: world.phone, holder.proof("late"), after: .days(4))
                }
                #expect(late == .invalidGrant)
                #expect(try await world.isRevoked(grant))
            }
        }

        @Test(arguments: Backend.available)
        func `binds no grant of a client that proves itself otherwise`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (token, grant) = try await world.refreshToken(for: world.web)
                for name in ["a", "b"] {
                    let holder = try Holder()
                    let answer = try await world.refresh(token, by: world.web, holder.proof(name))
                    #expect(answer.confirmation == .key(try holder.thumbprint))
                }
                let answer = try await world.refresh(token, by: world.web, nil)
                #expect(answer.confirmation == nil)
                let kept = try await world.records { try $0.grants.find(grant.id) }
                #expect(try #require(kept).confirmation == nil)
            }
        }

        @Test(arguments: Backend.available)
        func `redeems the code that is bound to it, and no other key does`(
            backend: Backend
        ) async throws {
            try await backend.withWorld { world in
                let (holder, thief) = (try Holder(), try Holder())
                func code() async throws -> Secret {
                    let outcome = try await world.authorize(
                        world.phone,
                        [
                            ("scope", "openid offline_access"),
                            ("code_challenge", World.challenge), ("code_challenge_method", "S256"),
                            ("dpop_jkt", try holder.thumbprint.text),
                        ], from: try await world.signIn().browser)
                    return try #require(try outcome.code)
                }
                func redeem(_ code: Secret, _ proof: ProvenKey?) async throws -> TokenResponse {
                    try await world.gatehouse.authorizationCodeGrant.redeem(
                        AuthorizationCodeRequest(
                            code: code.revealed, redirectURI: World.callback,
                            codeVerifier: World.verifier, proof: proof.map(Possession.key)),
                        by: world.phone, of: world.acme, through: world.issuer,
                        on: World.occasion(after: .seconds(1)))
                }
                let tokens = try await redeem(code(), holder.proof("a"))
                #expect(tokens.confirmation == .key(try holder.thumbprint))
                let stolen = try await refusal { try await redeem(code(), thief.proof("a")) }
                #expect(stolen == .invalidGrant)
                let unproven = try await refusal { try await redeem(code(), nil) }
                #expect(unproven == .invalidDPoPProof)
                // A proof that was used spends no code.
                let fresh = try await code()
                let replayed = try await refusal { try await redeem(fresh, holder.proof("a")) }
                #expect(replayed == .invalidDPoPProof)
                _ = try await redeem(fresh, holder.proof("b"))
            }
        }
    }
}
