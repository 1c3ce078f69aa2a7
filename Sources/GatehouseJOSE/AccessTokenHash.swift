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
        inIDToken(of: DigestedToken(text: token), signedWith: algorithm)
    }

    /// The same of a token whose digest may be known.
    public static func inIDToken(
        of token: DigestedToken, signedWith algorithm: Algorithm
    ) -> String {
        switch algorithm {
        case .rs256, .ps256, .es256:
            let digest = token.digest ?? SHA256.hash(data: Array(token.text.utf8))
            return Base64URL.encode(digest.prefix(16))
        case .edDSA:
            return Base64URL.encode(SHA512.hash(data: Array(token.text.utf8)).prefix(32))
        }
    }
}

/// A token with its SHA-256 digest, where that came of signing it: most of a long token is hashed
/// once, rather than once more for the ID token that names it.
public struct DigestedToken: Sendable {
    /// The token itself.
    public let text: String
    fileprivate let digest: SHA256Digest?

    /// A token whose digest is taken when it is needed.
    public init(text: String) {
        self.init(text: text, digest: nil)
    }

    init(text: String, digest: SHA256Digest?) {
        self.text = text
        self.digest = digest
    }
}
