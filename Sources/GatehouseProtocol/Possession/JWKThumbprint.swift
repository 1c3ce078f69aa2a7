private import GatehouseEncoding

/// The SHA-256 thumbprint of a public key (RFC 7638 §3): what names a key in `dpop_jkt` and `jkt`.
public struct JWKThumbprint: Sendable, Hashable {
    /// 43 characters of canonical base64url.
    public let text: String

    /// Checks a thumbprint; nil if it is not the base64url of a SHA-256 digest.
    public init?(parsing text: String) {
        guard text.utf8.count == 43, let digest = Base64URL.decode(text), digest.count == 32 else {
            return nil
        }
        self.text = text
    }
}
