import GatehouseEncoding

/// A DPoP proof that the key in it signed (RFC 9449 §4.2).
///
/// Whoever made the key made the proof, and nothing more is said by that. What the proof is for is
/// compared elsewhere with the request that carried it.
public struct DPoPProof: Sendable {
    /// The algorithms that a proof may be signed with, the cheapest first.
    public static let algorithms: [Algorithm] = [.es256, .edDSA, .ps256, .rs256]
    /// The largest proof in bytes: one with an RSA key of 4096 bits takes about a third of it.
    public static let mostBytes = 8 * 1024
    /// The longest name of a proof in bytes.
    public static let mostTokenIDBytes = 256

    /// The SHA-256 thumbprint of the key (RFC 7638 §3).
    public let keyThumbprint: String
    /// The name of this one proof (`jti`).
    public let tokenID: String
    /// The method of the request that it is for (`htm`).
    public let method: String
    /// The address of the request that it is for (`htu`).
    public let uri: String
    /// When it was made, in seconds since 1970 (`iat`).
    public let issuedAt: Int64
    /// The digest of the access token that it goes with (`ath`).
    public let accessTokenHash: String?
    /// What the server gave to the client to put in (`nonce`).
    public let nonce: String?
    private let expiresAt: Int64?
    private let notBefore: Int64?

    /// Reads a proof and checks its signature with the key in its header.
    ///
    /// Some clients may sign with fewer algorithms than others.
    public init(
        verifying text: String, algorithms: [Algorithm] = Self.algorithms
    ) throws(JOSEError) {
        guard text.utf8.count <= Self.mostBytes else { throw .tooLarge }
        let jws = try UnverifiedJWS(parsing: text)
        guard let members = jws.unverifiedHeader["jwk"]?.object else { throw .malformedKey }
        let key = try JSONWebKey(members)
        // Anybody may send a key, so what it may cost is ours to say.
        guard key.material.isModest else { throw .unsupportedKey }
        let claims = try JWTClaims(
            parsing: jws.verified(by: key, algorithms: algorithms, types: [.dpopProof]))
        guard let tokenID = try claims.string("jti"),
            (1...Self.mostTokenIDBytes).contains(tokenID.utf8.count),
            let method = try claims.string("htm"), let uri = try claims.string("htu"),
            let issuedAt = try claims.time("iat")
        else { throw .malformedClaim }
        keyThumbprint = key.thumbprint()
        self.tokenID = tokenID
        self.method = method
        self.uri = uri
        self.issuedAt = issuedAt
        accessTokenHash = try claims.string("ath")
        nonce = try claims.string("nonce")
        expiresAt = try claims.time("exp")
        notBefore = try claims.time("nbf")
    }

    /// Refuses a proof that was not made about now.
    ///
    /// `exp` and `nbf` are no part of a proof, but mean what they always mean (RFC 7519 §4.1.4–5).
    /// `now` is in seconds since 1970, `tolerance` how many seconds the proof may be older or
    /// younger.
    public func checkTimes(now: Int64, tolerance: Int64) throws(JOSEError) {
        guard now - tolerance <= issuedAt else { throw .expired }
        guard issuedAt <= now + tolerance else { throw .notYetValid }
        if let expiresAt {
            guard now - tolerance < expiresAt else { throw .expired }
        }
        if let notBefore {
            guard notBefore <= now + tolerance else { throw .notYetValid }
        }
    }
}
