private import GatehouseEncoding
private import GatehouseJOSE

/// What an ID token has to agree with, besides issuer and client.
struct IDTokenExpectation: Sendable {
    /// What is known of the nonce.
    enum Nonce: Sendable {
        /// The token answers this very attempt.
        case required(String)
        /// The token was refreshed, or answers no attempt: it may leave the nonce out, but not
        /// change it (OpenID Connect Core §12.2).
        case kept(String?)

        var value: String? {
            switch self {
            case .required(let value): value
            case .kept(let value): value
            }
        }
    }

    let nonce: Nonce
    /// The access token that came along.
    let accessToken: String?
    /// How many seconds ago the person may have signed in.
    var maxAge: Int64?
    /// Whether the token has to be good now; one that the app kept may have ended since.
    var isFresh = true
}

extension IdentityProvider {
    /// The claims of an ID token that is signed by the provider and agrees with what is expected
    /// (OpenID Connect Core §3.1.3.7).
    func claims(
        of encoded: String, _ expected: IDTokenExpectation
    ) async throws -> Claims {
        do {
            let token = try UnverifiedJWS(parsing: encoded)
            let claims = try JWTClaims(parsing: try await keys.payload(of: token, as: .jwt))
            try checkParties(claims)
            try check(claims, expected)
            if let accessToken = expected.accessToken, let hash = try claims.string("at_hash") {
                let algorithm = token.unverifiedHeader["alg"]?.string.flatMap(Algorithm.init(name:))
                let isRight = algorithm.map {
                    AccessTokenHash.inIDToken(of: accessToken, signedWith: $0).isExactly(hash)
                }
                guard isRight ?? false else {
                    throw ClientError.untrustworthy(.accessTokenHash)
                }
            }
            return try Claims(claims.object)
        } catch let error as JOSEError {
            throw ClientError.untrustworthy(TrustCheck(error))
        }
    }

    private func checkParties(_ claims: JWTClaims) throws {
        guard try claims.string("iss")?.isExactly(issuer) ?? false else {
            throw ClientError.untrustworthy(.issuer)
        }
        guard try claims.isMeant(for: configuration.clientID) else {
            throw ClientError.untrustworthy(.audience)
        }
        let party = try claims.string("azp")
        guard
            try party?.isExactly(configuration.clientID) ?? (claims.audiences().count == 1)
        else { throw ClientError.untrustworthy(.authorizedParty) }
    }

    private func check(_ claims: JWTClaims, _ expected: IDTokenExpectation) throws {
        let (now, tolerance) = (clock.time, configuration.clockTolerance)
        if expected.isFresh {
            try claims.checkTimes(now: now, tolerance: tolerance)
            guard try claims.time("iat") != nil else { throw ClientError.untrustworthy(.times) }
        }
        let nonce = try claims.string("nonce")
        let isRight =
            switch expected.nonce {
            case .required(let value): nonce?.isExactly(value) ?? false
            case .kept(let value?): nonce?.isExactly(value) ?? true
            case .kept(nil): nonce == nil
            }
        guard isRight else { throw ClientError.untrustworthy(.nonce) }
        if let maxAge = expected.maxAge {
            guard let time = try claims.time("auth_time"), 0 <= time, time <= now + tolerance,
                now - tolerance - time <= maxAge
            else { throw ClientError.untrustworthy(.authenticationTime) }
        }
    }
}
