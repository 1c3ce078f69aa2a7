/// What a request shows of DPoP: the proofs that it carries, and what they have to be about
/// (RFC 9449 §4.3).
public struct ProofPresentation: Sendable {
    /// The values of the `DPoP` headers; more than one is an error.
    public let proofs: [String]
    /// The method of the request.
    public let method: String
    /// The address of the request, as the client knows it.
    package let target: TargetURI?

    /// Takes what a request carries.
    package init(proofs: [String], method: String, target: TargetURI?) {
        self.proofs = proofs
        self.method = method
        self.target = target
    }

    /// Whether the request carries a proof at all.
    public var isEmpty: Bool { proofs.isEmpty }
}
