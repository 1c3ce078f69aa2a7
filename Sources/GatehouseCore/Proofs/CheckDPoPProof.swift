private import GatehouseEncoding
private import GatehouseJOSE
package import GatehouseProtocol

/// Finds out which key a request proves to have, by the rules of RFC 9449 §4.3.
///
/// It decides and records nothing: a proof counts as used in the transaction that gives something
/// for it.
package struct CheckDPoPProof: Sendable {
    package let nonces: DPoPNonces

    package init(nonces: DPoPNonces) {
        self.nonces = nonces
    }

    /// How much older or younger than now a proof may be.
    static let tolerance = Lifetime.seconds(60)

    /// The proof was used before.
    package static let replayed = OAuthError(
        .invalidDPoPProof, "The DPoP proof was used before.")

    /// The algorithms that a proof may be signed with, by their names.
    package static let algorithms = DPoPProof.algorithms.map(\.name)

    /// What a proof has to have besides what each has.
    private struct Demand {
        let needsNonce: Bool
        /// The access token that it is to go with.
        let accessToken: String?
        /// What the client promises to do.
        let profile: ClientProfile

        init(of client: Client?, accessToken: String?) {
            needsNonce = client?.policies.requiresDPoPNonce ?? false
            self.accessToken = accessToken
            profile = client?.policies.profile ?? .standard
        }
    }

    /// The key that a client proves to have where it asks for tokens; nil if it proves none, and
    /// does not have to.
    package func provenKey(
        in presentation: ProofPresentation, of client: Client, at tenant: Tenant.ID,
        at now: Timestamp
    ) throws(OAuthError) -> ProvenKey? {
        guard !presentation.isEmpty || client.policies.requiresDPoP else { return nil }
        return try provenKey(
            in: presentation, Demand(of: client, accessToken: nil), tenant, now)
    }

    /// The key that a client proves to have where it pushes a request; nil if it proves none
    /// (RFC 9449 §10.1).
    package func announcedKey(
        in presentation: ProofPresentation, of client: Client, at tenant: Tenant.ID,
        at now: Timestamp
    ) throws(OAuthError) -> ProvenKey? {
        presentation.isEmpty
            ? nil : try provenKey(in: presentation, of: client, at: tenant, at: now)
    }

    /// The key that a client proves to have where it presents an access token.
    package func provenKey(
        in presentation: ProofPresentation, with accessToken: String, of client: Client?,
        at tenant: Tenant.ID, at now: Timestamp
    ) throws(OAuthError) -> ProvenKey {
        try provenKey(
            in: presentation, Demand(of: client, accessToken: accessToken), tenant, now)
    }

    private func provenKey(
        in presentation: ProofPresentation, _ demand: Demand, _ tenant: Tenant.ID,
        _ now: Timestamp
    ) throws(OAuthError) -> ProvenKey {
        guard let text = presentation.proofs.first, presentation.proofs.count == 1 else {
            throw presentation.isEmpty
                ? OAuthError(
                    .invalidDPoPProof,
                    demand.profile.refusal(lacking: .boundTokens) ?? "A DPoP proof is required.")
                : OAuthError(.invalidDPoPProof, "There is more than one DPoP header.")
        }
        let proof: DPoPProof
        do throws(JOSEError) {
            proof = try DPoPProof(
                verifying: text,
                algorithms: DPoPProof.algorithms.filter(demand.profile.algorithms.contains))
            try proof.checkTimes(now: now.seconds, tolerance: Self.tolerance.seconds)
        } catch {
            throw Self.refusal(of: error, demand.profile)
        }
        try Self.check(proof, against: presentation, demand.accessToken)
        if demand.needsNonce || proof.nonce != nil {
            guard let nonce = proof.nonce, nonces.isFresh(nonce, for: tenant, at: now) else {
                throw OAuthError(.useDPoPNonce, "The DPoP proof needs a nonce of this server.")
            }
        }
        guard let thumbprint = JWKThumbprint(parsing: proof.keyThumbprint) else {
            throw Self.refusal(of: .malformedKey, demand.profile)
        }
        return ProvenKey(
            thumbprint: thumbprint, tokenID: proof.tokenID, issuedAt: proof.issuedAt)
    }

    /// Compares a proof with the request that carried it.
    private static func check(
        _ proof: DPoPProof, against presentation: ProofPresentation, _ accessToken: String?
    ) throws(OAuthError) {
        guard proof.method.isExactly(presentation.method) else {
            throw OAuthError(.invalidDPoPProof, "The htm is not the method of the request.")
        }
        guard let target = presentation.target, TargetURI(normalizing: proof.uri) == target else {
            throw OAuthError(.invalidDPoPProof, "The htu is not the address of the request.")
        }
        if let accessToken {
            guard
                proof.accessTokenHash?.isExactly(AccessTokenHash.inProof(of: accessToken)) ?? false
            else {
                throw OAuthError(.invalidDPoPProof, "The ath is not that of the access token.")
            }
        }
    }

    private static func refusal(of error: JOSEError, _ profile: ClientProfile) -> OAuthError {
        switch error {
        case .wrongType:
            OAuthError(.invalidDPoPProof, "The typ of the DPoP proof is not dpop+jwt.")
        case .wrongAlgorithm:
            OAuthError(
                .invalidDPoPProof,
                profile.refusal(lacking: .strongAlgorithms)
                    ?? "The algorithm of the DPoP proof is not accepted.")
        case .wrongSignature:
            OAuthError(.invalidDPoPProof, "The signature of the DPoP proof is not of its key.")
        case .privateKey:
            OAuthError(.invalidDPoPProof, "The DPoP proof holds a private key.")
        case .malformedKey, .unsupportedKey:
            OAuthError(.invalidDPoPProof, "The key of the DPoP proof is not accepted.")
        case .malformedClaim:
            OAuthError(.invalidDPoPProof, "The DPoP proof lacks a claim, or has a bad one.")
        case .expired, .notYetValid:
            OAuthError(.invalidDPoPProof, "The DPoP proof was not made about now.")
        default:
            OAuthError(.invalidDPoPProof, "The DPoP proof is malformed.")
        }
    }
}

extension Client {
    /// What a proof binds a grant to: a public client's to what it has, and a confidential client's to
    /// nothing, since its authentication binds it already (RFC 9449 §5, RFC 8705 §4).
    func binding(by proof: Possession?) -> Confirmation? {
        isConfidential ? nil : proof?.confirmation
    }
}
