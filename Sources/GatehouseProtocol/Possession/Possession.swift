/// What whoever sends a request proved to have: what the tokens of the answer are bound to.
///
/// It is one thing or the other. A token that two proofs were needed for would be understood by no
/// API.
public enum Possession: Sendable, Hashable {
    /// The private key to a public one, by a DPoP proof (RFC 9449).
    case key(ProvenKey)
    /// The private key to a certificate, by the connection (RFC 8705).
    case certificate(CertificateThumbprint)

    /// What a token is bound to that is issued for the request.
    public var confirmation: Confirmation {
        switch self {
        case .key(let proof): .key(proof.thumbprint)
        case .certificate(let thumbprint): .certificate(thumbprint)
        }
    }

    /// Whether it counts once only, and has to be recorded for that.
    public var isUsedUp: Bool {
        if case .key = self { true } else { false }
    }
}
