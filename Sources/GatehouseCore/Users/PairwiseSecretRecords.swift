import GatehouseSQL

/// The secret of one tenant that names of people are made with, sealed.
///
/// It is made once and never changed: another would give everybody another name.
struct PairwiseSecretRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let purpose = "pairwise"

    /// Makes a secret and seals it, to be recorded where there is none.
    static func sealed(for tenant: Tenant.ID, with instanceKey: InstanceKey) throws -> [UInt8] {
        try instanceKey.seal(Random.bytes(32), for: use(tenant))
    }

    /// The same where the client knows people by names of its sector; nil where it does not.
    static func sealed(
        for client: Client, of tenant: Tenant.ID, with instanceKey: InstanceKey
    ) throws -> [UInt8]? {
        guard client.policies.subjectType.sector != nil else { return nil }
        return try sealed(for: tenant, with: instanceKey)
    }

    /// Records a secret, unless the tenant has one.
    func insert(_ sealed: [UInt8], at now: Timestamp) throws {
        try transaction.noteChange(of: tenantID)
        try transaction.execute(
            """
            INSERT INTO tenant_secret (tenant_id, purpose, sealed_secret, created_at)
            VALUES (\(tenantID), \(Self.purpose), \(sealed), \(now))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The names that the tenant's secret makes; nil if it has none.
    func find(openedWith instanceKey: InstanceKey) throws -> PairwiseSubjects? {
        let row = try transaction.row(
            """
            SELECT sealed_secret FROM tenant_secret
            WHERE tenant_id = \(tenantID) AND purpose = \(Self.purpose)
            """)
        guard let row else { return nil }
        return PairwiseSubjects(
            try instanceKey.open(try row.bytes("sealed_secret"), for: Self.use(tenantID)))
    }

    private static func use(_ tenant: Tenant.ID) -> String { "pairwise-secret/\(tenant.text)" }
}
