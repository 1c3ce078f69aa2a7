package import GatehouseProtocol
import GatehouseSQL

/// The domains of the organizations of one tenant.
package struct OrganizationDomainRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    fileprivate static let columns: SQL = """
        organization_id, \(DomainClaim.columns), joins, roles, required
        """

    package func find(
        _ host: HostName, of organization: Organization.ID
    ) throws -> OrganizationDomain? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM organization_domain
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND host = \(host.text)
            """
        ).map(OrganizationDomain.init)
    }

    /// Every domain of an organization, by name.
    package func all(of organization: Organization.ID) throws -> [OrganizationDomain] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM organization_domain
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization) ORDER BY host
            """
        ).map(OrganizationDomain.init)
    }

    /// What is known of a person at the organization that speaks for the domain of their address; nil
    /// if none does.
    func standing(of user: User) throws -> DomainStanding? {
        guard let email = user.email else { return nil }
        return try transaction.row(
            """
            SELECT d.organization_id AS organization_id, d.host, d.proof, d.created_at,
                d.verified_at, d.checked_at, d.missing_since, d.joins, d.roles, d.required,
                CASE WHEN \(OrganizationRecords.isActive) THEN 1 ELSE 0 END AS is_active,
                o.session_length, m.joined_at, m.suspended_at, x.departed_at
            FROM organization_domain AS d
            JOIN organization AS o ON o.tenant_id = d.tenant_id AND o.id = d.organization_id
            LEFT JOIN membership AS m
                ON m.tenant_id = d.tenant_id AND m.organization_id = d.organization_id
                    AND m.user_id = \(user.id)
            LEFT JOIN organization_departure AS x
                ON x.tenant_id = d.tenant_id AND x.organization_id = d.organization_id
                    AND x.user_id = \(user.id)
            WHERE d.tenant_id = \(tenantID) AND d.host = \(email.domain)
                AND d.verified_at IS NOT NULL
            """
        ).map { try DomainStanding($0, of: user) }
    }

    /// Adds a claim.
    ///
    /// False if the organization has claimed the domain already.
    func insert(_ domain: OrganizationDomain) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO organization_domain (tenant_id, organization_id, host, proof, created_at,
                joins, roles, required)
            VALUES (\(tenantID), \(domain.organizationID), \(domain.claim.host.text),
                \(domain.claim.proof), \(domain.claim.createdAt), \(domain.rules.joins ? 1 : 0),
                \(domain.rules.storedRoles), \(domain.rules.isRequired ? 1 : 0))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Changes what a domain decides.
    func update(_ rules: OrganizationDomain.Rules, of domain: OrganizationDomain) throws {
        try transaction.execute(
            """
            UPDATE organization_domain SET joins = \(rules.joins ? 1 : 0),
                roles = \(rules.storedRoles), required = \(rules.isRequired ? 1 : 0)
            WHERE tenant_id = \(tenantID) AND organization_id = \(domain.organizationID)
                AND host = \(domain.claim.host.text)
            """)
    }

    /// Has a domain decide from now on; false if another organization has proved it before.
    ///
    /// Of two that do so at the same moment, the database itself refuses one.
    func putInUse(_ claim: DomainClaim, of organization: Organization.ID, at now: Timestamp) throws
        -> Bool
    {
        let other = try transaction.row(
            """
            SELECT organization_id FROM organization_domain
            WHERE tenant_id = \(tenantID) AND host = \(claim.host.text)
                AND verified_at IS NOT NULL
            """)
        guard other == nil else { return false }
        return try transaction.execute(
            """
            UPDATE organization_domain
            SET verified_at = \(now), checked_at = \(now), missing_since = NULL
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND host = \(claim.host.text) AND proof = \(claim.proof) AND verified_at IS NULL
            """) == 1
    }

    /// Notes when a domain in use was looked at.
    func note(_ claim: DomainClaim, of organization: Organization.ID) throws {
        try transaction.execute(
            """
            UPDATE organization_domain SET checked_at = \(claim.checkedAt),
                missing_since = \(claim.missingSince)
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND host = \(claim.host.text) AND proof = \(claim.proof)
            """)
    }

    /// Gives a domain up.
    ///
    /// False if the organization has no such domain. Whoever claims it again proves it anew.
    func delete(
        _ host: HostName, proof: String? = nil, of organization: Organization.ID
    ) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM organization_domain
            WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                AND host = \(host.text) AND proof = COALESCE(\(proof), proof)
            """) == 1
    }
}

/// The domains of the organizations of all tenants: what is found by the time.
package struct OrganizationDomainDirectory {
    let transaction: Transaction

    /// Domains in use that were not looked at since a time.
    func due(before time: Timestamp, limit: Int) throws -> [(Tenant.ID, OrganizationDomain)] {
        try transaction.rows(
            """
            SELECT tenant_id, \(OrganizationDomainRecords.columns) FROM organization_domain
            WHERE verified_at IS NOT NULL AND checked_at < \(time)
            ORDER BY checked_at LIMIT \(limit)
            """
        ).map { (Tenant.ID(stored: try $0.text("tenant_id")), try OrganizationDomain($0)) }
    }
}

extension TenantRecords {
    package var organizationDomains: OrganizationDomainRecords {
        OrganizationDomainRecords(tenantID: tenantID, transaction: transaction)
    }
}

extension Transaction {
    package var organizationDomains: OrganizationDomainDirectory {
        OrganizationDomainDirectory(transaction: self)
    }
}
