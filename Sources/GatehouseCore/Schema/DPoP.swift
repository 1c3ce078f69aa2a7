import GatehouseSQL

extension Schema {
    /// What a grant is bound to, and the DPoP proofs that were used.
    static let dpop: [SQL] = [
        """
        ALTER TABLE authorization_grant ADD COLUMN confirmation \(type: .text)
        """,
        """
        CREATE TABLE dpop_proof (
            tenant_id \(type: .id) NOT NULL,
            digest \(type: .bytes) NOT NULL,
            expires_at \(type: .timestamp) NOT NULL,
            PRIMARY KEY (tenant_id, digest)
        )\(type: .endOfTable)
        """,
        """
        CREATE INDEX dpop_proof_by_expiry ON dpop_proof (expires_at)
        """,
    ]
}
