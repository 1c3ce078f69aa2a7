package import GatehouseJOSE
import GatehouseProtocol

/// A client's assertion whose claims are right (RFC 7523 §3, OpenID Connect Core §9) and whose
/// signature is still to be checked.
package struct PresentedAssertion: Sendable {
    /// The algorithms that clients may sign with; each key has its own.
    package static let algorithms = Algorithm.allCases

    /// How much the clocks may differ, in seconds.
    private static let tolerance: Int64 = 10
    /// How far ahead an assertion may end, and so how long one is remembered, in seconds.
    private static let longest: Int64 = 3_600

    private let jws: UnverifiedJWS
    /// What is remembered of it: the digest of its `jti`, which may be long.
    let digest: SecretDigest
    /// When nobody accepts it any more.
    let expiresAt: Timestamp

    /// Reads an assertion that claims to be the client's.
    ///
    /// The audience is the issuer and nothing else: whoever it is for besides could use it here
    /// (draft-ietf-oauth-rfc7523bis §3).
    ///
    /// - Throws: ``JOSEError``, whatever is wrong.
    init(
        _ text: String, from client: Client.ID, to issuer: Issuer, at now: Timestamp
    ) throws(JOSEError) {
        jws = try UnverifiedJWS(parsing: text)
        let claims = try JWTClaims(parsing: jws.unverifiedPayload)
        for name in ["iss", "sub"] {
            guard let party = try claims.string(name), party.utf8.elementsEqual(client.text.utf8)
            else { throw .malformedClaim }
        }
        guard let audience = try claims.string("aud"),
            audience.utf8.elementsEqual(issuer.text.utf8),
            let name = try claims.string("jti"), !name.isEmpty
        else { throw .malformedClaim }
        try claims.checkTimes(now: now.seconds, tolerance: Self.tolerance)
        guard let expiry = try claims.time("exp"),
            expiry <= now.seconds + Self.longest + Self.tolerance
        else { throw .notYetValid }
        digest = SecretDigest(of: name)
        expiresAt = Timestamp(seconds: expiry) + .seconds(Self.tolerance)
    }

    /// Checks that one of the keys signed it, as what it is used for.
    func verify(
        by keys: JSONWebKeySet, algorithms: [Algorithm] = Self.algorithms
    ) throws(JOSEError) {
        _ = try jws.verified(
            by: keys, algorithms: algorithms, types: [.jwt, .clientAuthentication])
    }
}
