/// What a request shows of what its sender has: the DPoP proofs that it carries and what they have to
/// be about (RFC 9449 §4.3), and the certificate of its connection (RFC 8705 §3).
public struct ProofPresentation: Sendable {
    /// The values of the `DPoP` headers; more than one is an error.
    public let proofs: [String]
    /// The method of the request.
    public let method: String
    /// The address of the request, as the client knows it.
    package let target: TargetURI?
    /// The certificate whose key the sender has.
    package let certificate: CertificateThumbprint?

    /// Takes what a request carries.
    package init(
        proofs: [String], method: String, target: TargetURI?,
        certificate: CertificateThumbprint? = nil
    ) {
        self.proofs = proofs
        self.method = method
        self.target = target
        self.certificate = certificate
    }

    /// Whether the request carries no DPoP proof at all.
    public var isEmpty: Bool { proofs.isEmpty }
}
