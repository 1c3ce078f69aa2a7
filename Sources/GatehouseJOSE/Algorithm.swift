import GatehouseEncoding

/// The signature algorithms Gatehouse knows (RFC 7518 §3.1, RFC 8037 §3.1); there are no others.
///
/// No algorithm with a shared secret is among them, so that no public key can be taken for one
/// (RFC 8725 §2.1).
public enum Algorithm: Sendable, CaseIterable {
    /// RSASSA-PKCS1-v1_5 with SHA-256, what every OpenID Connect client understands.
    case rs256
    /// RSASSA-PSS with SHA-256.
    case ps256
    /// ECDSA on P-256 with SHA-256.
    case es256
    /// Ed25519, under the name that RFC 8037 gave it.
    case edDSA

    /// The algorithm of this very name; case matters (RFC 7515 §4.1.1).
    public init?(name: String) {
        guard let algorithm = Self.allCases.first(where: { $0.name.isExactly(name) }) else {
            return nil
        }
        self = algorithm
    }

    /// The name in headers, keys and metadata.
    public var name: String {
        switch self {
        case .rs256: "RS256"
        case .ps256: "PS256"
        case .es256: "ES256"
        case .edDSA: "EdDSA"
        }
    }
}
