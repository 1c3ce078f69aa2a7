private import GatehouseEncoding
private import GatehouseJOSE
private import GatehouseProtocol

/// Decides for an API whether it believes an access token (RFC 9068 §4, RFC 6750, RFC 9449 §7).
///
/// Make one when the API starts, and share it: it keeps the keys of the issuer, and knows which
/// proofs were used.
public struct TokenVerifier: Sendable {
    /// What is asked of tokens.
    public let configuration: VerifierConfiguration
    /// The issuer whose tokens are taken.
    public let issuer: String
    private let clock: ClientClock
    private let keys: KeySource
    private let introspection: IntrospectionRequests?
    private let ledger = ProofLedger()
    private var changes: ChangeFollower?

    /// Asks an issuer for its metadata.
    ///
    /// - Parameters:
    ///   - issuer: The address of the issuer, byte for byte as its tokens name it.
    ///   - configuration: What is asked of tokens.
    ///   - clock: What tells the time: `.system`, but for tests.
    ///   - random: Where names of assertions come from.
    ///   - transport: Through which connections the issuer is asked.
    /// - Returns: What decides about tokens from then on.
    /// - Throws: ``ClientError``.
    public static func discover(
        _ issuer: String, _ configuration: VerifierConfiguration, clock: ClientClock,
        random: RandomSource = .system, transport: HTTPTransport = .shared
    ) async throws -> TokenVerifier {
        let metadata = try await ProviderMetadata.discover(issuer, transport: transport)
        return TokenVerifier(
            configuration: configuration, issuer: issuer, clock: clock,
            keys: KeySource(metadata.keySet, transport: transport, clock: clock),
            introspection: try IntrospectionRequests(
                configuration.introspection, metadata, transport: transport, clock: clock,
                random: random))
    }

    /// The same verifier, which refuses what is outdated by what a follower of the same issuer hears.
    ///
    /// A token that tells of several organizations is refused as a whole once one of them changed:
    /// the client gets a new one, which it would not do if only something were forbidden.
    public func following(_ changes: ChangeFollower) -> TokenVerifier {
        var verifier = self
        verifier.changes = changes
        changes.onKeys { [keys] in Task { await keys.forget() } }
        return verifier
    }

    /// What a request may do by the token that it carries.
    ///
    /// - Throws: ``TokenRefusal``, which says what to answer.
    public func verify(_ request: ProtectedRequest) async throws -> VerifiedToken {
        guard let presented = try Self.presentedToken(in: request) else {
            throw TokenRefusal(.missing)
        }
        let now = clock.time
        do {
            let claims = try await currentClaims(of: presented.text, in: request, at: now)
            try await checkPossession(of: presented, claims, in: request, at: now)
            let expiresAt = try claims.time("exp") ?? now
            return try VerifiedToken(claims.object, expiresAt: expiresAt)
        } catch let error as JOSEError {
            throw TokenRefusal(.invalid(TrustCheck(error)))
        } catch ClientError.untrustworthy(let check) where check != .keySet {
            throw TokenRefusal(.invalid(check))
        } catch is ClientError {
            throw TokenRefusal(.unavailable)
        }
    }

    private static func presentedToken(
        in request: ProtectedRequest
    ) throws(TokenRefusal) -> PresentedToken? {
        do throws(OAuthError) {
            return try PresentedToken(authorization: request.authorization, form: nil)
        } catch {
            throw TokenRefusal(.malformedRequest)
        }
    }

    /// The claims of a token that is for this API and not outdated: what its signature vouches for, or
    /// what the issuer says of it now.
    private func currentClaims(
        of text: String, in request: ProtectedRequest, at now: Int64
    ) async throws -> JWTClaims {
        let isReadable = text.utf8.count { $0 == UInt8(ascii: ".") } == 2
        if let introspection, !isReadable || introspection.asksAlways {
            return try await introspectedClaims(of: text, in: request, at: now)
        }
        let claims = try await signedClaims(of: text)
        try checkParties(of: claims)
        try claims.checkTimes(now: now, tolerance: configuration.clockTolerance)
        switch try changes?.verdict(on: claims) {
        case nil, .upToDate, .lost(.goOn): return claims
        case .outdated: throw TokenRefusal(.outdated)
        case .unknown where introspection == nil: throw TokenRefusal(.outdated)
        case .lost(.refuse): throw TokenRefusal(.unavailable)
        case .unknown, .lost(.introspect):
            return try await introspectedClaims(of: text, in: request, at: now)
        }
    }

    private func introspectedClaims(
        of text: String, in request: ProtectedRequest, at now: Int64
    ) async throws -> JWTClaims {
        guard let introspection else { throw TokenRefusal(.unavailable) }
        let claims = try await introspection.claims(of: text, from: request.clientAddress)
        try checkParties(of: claims)
        // The issuer knows whether it is over; an API key may have no end at all.
        if claims.object["exp"] != nil {
            try claims.checkTimes(now: now, tolerance: configuration.clockTolerance)
        }
        return claims
    }

    private func signedClaims(of text: String) async throws -> JWTClaims {
        let token = try UnverifiedJWS(parsing: text)
        return try JWTClaims(parsing: try await keys.payload(of: token, as: .accessToken))
    }

    private func checkParties(of claims: JWTClaims) throws {
        guard try claims.string("iss")?.isExactly(issuer) ?? false else {
            throw ClientError.untrustworthy(.issuer)
        }
        guard try claims.isMeant(for: configuration.audience) else {
            throw ClientError.untrustworthy(.audience)
        }
    }

    /// A token that is bound to something is good with the proof of it, and in no other way.
    private func checkPossession(
        of presented: PresentedToken, _ claims: JWTClaims, in request: ProtectedRequest,
        at now: Int64
    ) async throws {
        guard let value = claims.object["cnf"] else {
            guard case .bearer = presented else { throw TokenRefusal(.notProven) }
            guard !configuration.requiresBoundTokens else { throw TokenRefusal(.notBound) }
            return
        }
        switch (value.object.flatMap(Confirmation.init), presented) {
        case (.certificate(let thumbprint)?, .bearer):
            guard request.certificateThumbprint?.isExactly(thumbprint.text) ?? false else {
                throw TokenRefusal(.notProven)
            }
        case (.key(let thumbprint)?, .dpop(let token)):
            try await checkProof(of: thumbprint, with: token, in: request, at: now)
        default: throw TokenRefusal(.notProven)
        }
    }

    private func checkProof(
        of thumbprint: JWKThumbprint, with token: String, in request: ProtectedRequest,
        at now: Int64
    ) async throws {
        guard let text = request.proofs.first, request.proofs.count == 1 else {
            throw TokenRefusal(.notProven)
        }
        let proof: DPoPProof
        do throws(JOSEError) {
            proof = try DPoPProof(verifying: text)
            try proof.checkTimes(now: now, tolerance: configuration.proofTolerance)
        } catch {
            throw TokenRefusal(.notProven)
        }
        guard proof.keyThumbprint.isExactly(thumbprint.text),
            proof.method.isExactly(request.method),
            let target = TargetURI(normalizing: request.url),
            TargetURI(normalizing: proof.uri) == target,
            proof.accessTokenHash?.isExactly(AccessTokenHash.inProof(of: token)) ?? false
        else { throw TokenRefusal(.notProven) }
        let end = proof.issuedAt + configuration.proofTolerance
        switch await ledger.claim(proof.tokenID, of: proof.keyThumbprint, until: end, at: now) {
        case .noted: return
        case .usedBefore: throw TokenRefusal(.replayed)
        case .noRoom: throw TokenRefusal(.unavailable)
        }
    }
}
