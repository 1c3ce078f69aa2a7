import Crypto
import GatehouseEncoding
import GatehouseJOSE

/// An ID token whose signature and claims were checked (OpenID Connect Core §3.1.3.7).
struct IDToken: Sendable {
    let encoded: String
    /// The person, by an id that never changes.
    let subject: String
    let claims: JWTClaims

    /// What the claims have to agree with.
    struct Expectation: Sendable {
        let issuer: String
        let clientID: String
        let now: Int64
        let nonce: Nonce
        /// The access token that came along.
        let accessToken: String
    }

    /// What is known of the nonce.
    enum Nonce: Sendable {
        /// The token answers this very sign-in.
        case required(String)
        /// The token was refreshed: it may leave the nonce out, but not change it (§12.2).
        case kept(String)
    }

    /// Checks the claims of a token whose signature is known to be the provider's.
    init(
        _ encoded: String, verified claims: JWTClaims, _ expected: Expectation
    ) throws {
        try Self.checkParties(claims, expected)
        try claims.checkTimes(now: expected.now, tolerance: RelyingParty.clockTolerance)
        try Self.checkNonce(claims, expected.nonce)
        if let hash = try claims.string("at_hash") {
            try Self.require(
                hash.isExactly(Self.hash(of: expected.accessToken)),
                "The hash at_hash has to be that of the access token.")
        }
        guard let subject = try claims.string("sub"), !subject.isEmpty else {
            throw ProblemView.Problem.untrustworthy(
                check: "The ID token has to say who it is about.")
        }
        self.encoded = encoded
        self.subject = subject
        self.claims = claims
    }

    private static func checkParties(_ claims: JWTClaims, _ expected: Expectation) throws {
        try require(
            claims.string("iss")?.isExactly(expected.issuer) ?? false,
            "The issuer iss has to be the one we trust.")
        try require(
            claims.isMeant(for: expected.clientID), "The audience aud has to include this app.")
        let party = try claims.string("azp")
        try require(
            party?.isExactly(expected.clientID) ?? (claims.audiences().count == 1),
            "The authorized party azp has to be this app.")
    }

    private static func checkNonce(_ claims: JWTClaims, _ expected: Nonce) throws {
        let nonce = try claims.string("nonce")
        let isRight =
            switch expected {
            case .required(let value): nonce?.isExactly(value) ?? false
            case .kept(let value): nonce?.isExactly(value) ?? true
            }
        try require(isRight, "The nonce has to be the one we sent.")
    }

    private static func require(_ isTrue: Bool, _ check: String) throws(ProblemView.Problem) {
        guard isTrue else { throw .untrustworthy(check: check) }
    }

    /// The left half of the token's SHA-256 digest (OpenID Connect Core §3.1.3.6).
    private static func hash(of accessToken: String) -> String {
        Base64URL.encode(SHA256.hash(data: Array(accessToken.utf8)).prefix(16))
    }
}
