import Crypto
import GatehouseEncoding

/// The digests by which other tokens name an access token.
public enum AccessTokenHash {
    /// What a DPoP proof says of the token that it goes with: `ath` (RFC 9449 §4.2).
    public static func inProof(of token: String) -> String {
        Base64URL.encode(SHA256.hash(data: Array(token.utf8)))
    }

    /// What an ID token says of the access token that came along: `at_hash`, the left half of the
    /// digest, by the hash of the ID token's algorithm (OpenID Connect Core §3.1.3.6).
    ///
    /// Ed25519 hashes with SHA-512 inside (RFC 8032 §5.1).
    public static func inIDToken(of token: String, signedWith algorithm: Algorithm) -> String {
        let bytes = Array(token.utf8)
        return switch algorithm {
        case .rs256, .ps256, .es256: Base64URL.encode(SHA256.hash(data: bytes).prefix(16))
        case .edDSA: Base64URL.encode(SHA512.hash(data: bytes).prefix(32))
        }
    }
}
