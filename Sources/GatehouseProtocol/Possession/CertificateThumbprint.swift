private import GatehouseEncoding

/// The SHA-256 digest of a certificate: what names one in `x5t#S256` (RFC 8705 §3.1).
public struct CertificateThumbprint: Sendable, Hashable {
    /// 43 characters of canonical base64url.
    public let text: String

    /// Takes the digest of a certificate's DER.
    package init(digest: some Sequence<UInt8>) {
        text = Base64URL.encode(digest)
    }

    /// Checks a thumbprint; nil if it is not the base64url of a SHA-256 digest.
    public init?(parsing text: String) {
        guard text.utf8.count == 43, let digest = Base64URL.decode(text), digest.count == 32 else {
            return nil
        }
        self.text = text
    }
}
