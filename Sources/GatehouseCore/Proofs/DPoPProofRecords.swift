package import GatehouseProtocol
import GatehouseSQL

/// The DPoP proofs of one tenant that were used and could still be presented again.
///
/// A row is written by the transaction that gives somebody something for the proof, and by nothing
/// else: strangers cannot write one, and no row ever makes room for another. It is named by key and
/// `jti` together, so that nobody can use up the names of somebody else's proofs.
package struct DPoPProofRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// Records that what a request proved is used.
    ///
    /// A certificate may be shown again and again: each connection proves anew to have its key.
    package func use(_ possession: Possession) throws -> Bool {
        switch possession {
        case .key(let proof): try use(proof)
        case .certificate: true
        }
    }

    /// Records that a proof is used.
    ///
    /// True for exactly one of those who bring it.
    package func use(_ proof: ProvenKey) throws -> Bool {
        // A thumbprint has a fixed length, so no two pairs make one text.
        let digest = SecretDigest(of: proof.thumbprint.text + "." + proof.tokenID)
        return try transaction.execute(
            """
            INSERT INTO dpop_proof (tenant_id, digest, expires_at)
            VALUES (\(tenantID), \(digest), \(Self.expiry(of: proof))) ON CONFLICT DO NOTHING
            """) == 1
    }

    /// How far the clocks of two nodes may differ.
    private static let skew = Lifetime.minutes(1)

    /// From when on no node accepts the proof any more.
    static func expiry(of proof: ProvenKey) -> Timestamp {
        Timestamp(seconds: proof.issuedAt) + CheckDPoPProof.tolerance + skew
    }
}

extension TenantRecords {
    package var dpopProofs: DPoPProofRecords {
        DPoPProofRecords(tenantID: tenantID, transaction: transaction)
    }
}
