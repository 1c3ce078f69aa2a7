package import GatehouseProtocol

/// Finds out what a client proves to have where it asks for tokens, which these are bound to: a key by
/// DPoP, or a certificate by its connection.
///
/// One thing or the other, and the registration says which. A client whose tokens are bound to
/// certificates (RFC 8705 §3.4) gets none without one, and brings no DPoP proof: what was meant by
/// both would be a guess. To every other client a certificate is a way to say who it is, at most, and
/// a proof binds its tokens.
package struct CheckPossession: Sendable {
    let proofs: CheckDPoPProof

    package init(proofs: CheckDPoPProof) {
        self.proofs = proofs
    }

    /// What the client proves to have where it asks for tokens; nil if it proves nothing, and does not
    /// have to.
    package func possession(
        in presentation: ProofPresentation, of client: Client, at tenant: Tenant.ID,
        at now: Timestamp
    ) throws(OAuthError) -> Possession? {
        guard client.policies.tokenBinding == .certificate else {
            return try proofs.provenKey(in: presentation, of: client, at: tenant, at: now)
                .map(Possession.key)
        }
        try Self.refuseProof(in: presentation)
        guard let certificate = presentation.certificate else {
            throw OAuthError(.invalidRequest, client.policies.profile.refusalLackingCertificate)
        }
        return .certificate(certificate)
    }

    /// The key that a client proves to have where it pushes a request; nil if it proves none
    /// (RFC 9449 §10.1).
    package func announcedKey(
        in presentation: ProofPresentation, of client: Client, at tenant: Tenant.ID,
        at now: Timestamp
    ) throws(OAuthError) -> ProvenKey? {
        guard client.policies.tokenBinding == .certificate else {
            return try proofs.announcedKey(in: presentation, of: client, at: tenant, at: now)
        }
        try Self.refuseProof(in: presentation)
        return nil
    }

    private static func refuseProof(in presentation: ProofPresentation) throws(OAuthError) {
        guard presentation.isEmpty else {
            throw OAuthError(
                .invalidRequest,
                "The tokens of this client are bound to its certificate: no DPoP proof belongs here."
            )
        }
    }
}

extension ClientProfile {
    /// Why a request is refused that should have come with a certificate.
    fileprivate var refusalLackingCertificate: StaticString {
        switch self {
        case .fapi2:
            "This client's profile fapi2 asks for a certificate that its tokens are bound to."
        case .fapi2MessageSigning:
            "This client's profile fapi2-message-signing asks for a certificate to bind tokens to."
        case .standard, .legacy:
            "The tokens of this client are bound to a certificate: it has to show one."
        }
    }
}
