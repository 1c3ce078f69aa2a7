/// The key that a request proved to have, by a DPoP proof that holds for this very request
/// (RFC 9449 §4.3).
///
/// Whether the proof was used before is known only once it is recorded.
public struct ProvenKey: Sendable, Hashable {
    /// The thumbprint of the key.
    public let thumbprint: JWKThumbprint
    /// The name of the proof, unique for the key (`jti`).
    public let tokenID: String
    /// When the proof was made, in seconds since 1970.
    public let issuedAt: Int64

    /// Makes the outcome of a check.
    public init(thumbprint: JWKThumbprint, tokenID: String, issuedAt: Int64) {
        self.thumbprint = thumbprint
        self.tokenID = tokenID
        self.issuedAt = issuedAt
    }
}
