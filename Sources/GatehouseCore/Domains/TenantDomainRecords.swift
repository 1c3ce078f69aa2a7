package import GatehouseProtocol
import GatehouseSQL

/// The domains of one tenant.
package struct TenantDomainRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    package func find(_ host: HostName) throws -> DomainClaim? {
        try transaction.row(
            """
            SELECT \(DomainClaim.columns) FROM tenant_domain
            WHERE tenant_id = \(tenantID) AND host = \(host.text)
            """
        ).map(DomainClaim.init)
    }

    /// Every domain, by name.
    package func all() throws -> [DomainClaim] {
        try transaction.rows(
            """
            SELECT \(DomainClaim.columns) FROM tenant_domain WHERE tenant_id = \(tenantID) ORDER BY host
            """
        ).map(DomainClaim.init)
    }

    /// Adds a claim.
    ///
    /// False if the tenant has claimed the domain already.
    func insert(_ domain: DomainClaim) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO tenant_domain (tenant_id, host, proof, created_at)
            VALUES (\(tenantID), \(domain.host.text), \(domain.proof), \(domain.createdAt))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Has the tenant answer at a domain from now on.
    ///
    /// False if another tenant does. Changes of what the registry holds come one after the other, so
    /// nobody else takes it meanwhile.
    func putInUse(_ domain: DomainClaim, at now: Timestamp) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        guard try transaction.tenantDomains.tenant(at: domain.host) == nil else { return false }
        return try transaction.execute(
            """
            UPDATE tenant_domain SET verified_at = \(now), checked_at = \(now), missing_since = NULL
            WHERE tenant_id = \(tenantID) AND host = \(domain.host.text)
                AND proof = \(domain.proof) AND verified_at IS NULL
            """) == 1
    }

    /// Notes when a domain in use was looked at.
    func note(_ domain: DomainClaim) throws {
        try transaction.execute(
            """
            UPDATE tenant_domain SET checked_at = \(domain.checkedAt),
                missing_since = \(domain.missingSince)
            WHERE tenant_id = \(tenantID) AND host = \(domain.host.text)
                AND proof = \(domain.proof)
            """)
    }

    /// Gives a domain up.
    ///
    /// False if the tenant has no such domain. Whoever claims it again proves it anew.
    func delete(_ host: HostName, proof: String? = nil) throws -> Bool {
        try transaction.noteChange(of: tenantID)
        let isGone =
            try transaction.execute(
                """
                DELETE FROM tenant_domain WHERE tenant_id = \(tenantID) AND host = \(host.text)
                    AND proof = COALESCE(\(proof), proof)
                """) == 1
        guard isGone else { return false }
        try transaction.execute(
            """
            UPDATE tenant SET primary_host = NULL
            WHERE tenant_id = \(tenantID) AND primary_host = \(host.text)
            """)
        return true
    }
}

/// The domains of all tenants: what is found by a request's host, or by the time.
package struct TenantDomainDirectory {
    let transaction: Transaction

    /// The tenant that answers at a host.
    func tenant(at host: HostName) throws -> Tenant.ID? {
        try transaction.row(
            """
            SELECT tenant_id FROM tenant_domain
            WHERE host = \(host.text) AND verified_at IS NOT NULL
            """
        ).map { Tenant.ID(stored: try $0.text("tenant_id")) }
    }

    /// Domains in use that were not looked at since a time.
    func due(before time: Timestamp, limit: Int) throws -> [(Tenant.ID, DomainClaim)] {
        try transaction.rows(
            """
            SELECT tenant_id, \(DomainClaim.columns) FROM tenant_domain
            WHERE verified_at IS NOT NULL AND checked_at < \(time)
            ORDER BY checked_at LIMIT \(limit)
            """
        ).map { (Tenant.ID(stored: try $0.text("tenant_id")), try DomainClaim($0)) }
    }
}

extension Transaction {
    package var tenantDomains: TenantDomainDirectory { TenantDomainDirectory(transaction: self) }
}
