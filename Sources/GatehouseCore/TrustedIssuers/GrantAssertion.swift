import GatehouseJOSE
import GatehouseProtocol

/// An assertion of another issuer whose claims are right (RFC 7523 §3) and whose signature is still
/// to be checked.
struct GrantAssertion: Sendable {
    /// How much the clocks may differ, in seconds.
    private static let tolerance: Int64 = 10
    /// How far ahead an assertion may end, and so how long one is remembered, in seconds.
    private static let longest: Int64 = 3_600
    /// The most bytes of a subject.
    static let mostBytesOfSubject = 255

    private let jws: UnverifiedJWS
    /// Who says to have signed it.
    let issuer: TrustedIssuer.Name
    /// Whom it is about, in the words of the issuer.
    let subject: String
    /// What is remembered of it: the digest of its issuer and its `jti`, which may be long.
    let digest: SecretDigest
    /// When nobody accepts it any more.
    let expiresAt: Timestamp

    /// Reads an assertion.
    ///
    /// The audience is our issuer and nothing else: whoever it is for besides could use it here
    /// (draft-ietf-oauth-rfc7523bis §3).
    ///
    /// - Throws: ``JOSEError``, whatever is wrong.
    init(_ text: String, to audience: Issuer, at now: Timestamp) throws(JOSEError) {
        jws = try UnverifiedJWS(parsing: text)
        let claims = try JWTClaims(parsing: jws.unverifiedPayload)
        guard let issuer = try claims.string("iss").flatMap(TrustedIssuer.Name.init),
            let subject = try claims.string("sub"),
            (1...Self.mostBytesOfSubject).contains(subject.utf8.count),
            let named = try claims.string("aud"), named.utf8.elementsEqual(audience.text.utf8),
            let tokenID = try claims.string("jti"), !tokenID.isEmpty
        else { throw .malformedClaim }
        try claims.checkTimes(now: now.seconds, tolerance: Self.tolerance)
        guard let expiry = try claims.time("exp"),
            expiry <= now.seconds + Self.longest + Self.tolerance
        else { throw .notYetValid }
        self.issuer = issuer
        self.subject = subject
        // An issuer's name has no space, so no two pairs make one text.
        digest = SecretDigest(of: issuer.text + " " + tokenID)
        expiresAt = Timestamp(seconds: expiry) + .seconds(Self.tolerance)
    }

    /// Checks that one of the keys signed it, as a plain JWT and by one of the algorithms.
    func verify(by keys: JSONWebKeySet, _ algorithms: [Algorithm]) throws(JOSEError) {
        _ = try jws.verified(by: keys, algorithms: algorithms, types: [.jwt])
    }
}
