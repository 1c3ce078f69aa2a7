package import GatehouseProtocol
package import GatehouseSQL

/// What is done to the domains of organizations: claimed, proved, given rules, given up.
package struct AdministerOrganizationDomains: Sendable {
    let database: any Database
    let textRecords: any TextRecords

    package init(database: any Database, textRecords: any TextRecords) {
        self.database = database
        self.textRecords = textRecords
    }

    /// The most domains that an organization may have.
    package static let limit = 100

    /// What became of a change.
    package enum Change: Sendable {
        case changed(OrganizationDomain)
        /// The organization has not claimed the domain.
        case notFound
        /// The organization has claimed it already.
        case taken
        /// There are more than ``limit``.
        case tooMany
        /// There is no role of that name for the organization.
        case noRole(OrganizationRole.Name)
        /// Nobody becomes an owner by an address.
        case makesOwners(OrganizationRole.Name)
        /// There are more than ``Membership/mostRoles``.
        case tooManyRoles
        /// The organization is gone.
        case gone
    }

    package func list(
        of organization: Organization.ID, in tenant: Tenant.ID
    ) async throws -> [OrganizationDomain] {
        try await database.read {
            try $0.records(of: tenant).organizationDomains.all(of: organization)
        }
    }

    /// Claims a domain for an organization.
    package func add(
        _ host: HostName, to organization: Organization.ID, of tenant: Tenant.ID,
        by rules: OrganizationDomain.Rules, on occasion: Occasion
    ) async throws -> Change {
        let domain = OrganizationDomain(
            claiming: host, for: organization, by: rules, at: occasion.now)
        return try await perform(in: organization, of: tenant) { records in
            if let refusal = try records.refusal(of: rules, in: organization) { return refusal }
            guard try records.organizationDomains.insert(domain) else { return .taken }
            guard try records.organizationDomains.all(of: organization).count <= Self.limit else {
                _ = try records.organizationDomains.delete(host, of: organization)
                return .tooMany
            }
            try records.append(.organizationDomainAdded, domain, on: occasion)
            return .changed(domain)
        }
    }

    /// Changes what a domain decides.
    package func update(
        _ host: HostName, of organization: Organization.ID, in tenant: Tenant.ID,
        on occasion: Occasion,
        _ change: @escaping @Sendable (inout OrganizationDomain.Rules) -> Void
    ) async throws -> Change {
        try await perform(in: organization, of: tenant) { records in
            guard var domain = try records.organizationDomains.find(host, of: organization) else {
                return .notFound
            }
            change(&domain.rules)
            if let refusal = try records.refusal(of: domain.rules, in: organization) {
                return refusal
            }
            try records.organizationDomains.update(domain.rules, of: domain)
            try records.append(.organizationDomainUpdated, domain, on: occasion)
            return .changed(domain)
        }
    }

    /// Looks for a domain's record, and has the domain decide if it is right.
    package func verify(
        _ host: HostName, of organization: Organization.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> DomainVerification {
        let found = try await database.read {
            try $0.records(of: tenant).organizationDomains.find(host, of: organization)
        }
        guard let domain = found else { return .unknown }
        return try await domain.claim.verify(by: textRecords, at: occasion.now) { proved in
            let isInUse = try await database.writeUnlessGone { transaction in
                let records = transaction.records(of: tenant)
                guard
                    try records.organizationDomains.putInUse(
                        proved, of: organization, at: occasion.now)
                else { return false }
                try records.append(.organizationDomainVerified, domain, on: occasion)
                return true
            }
            return isInUse ?? false
        }
    }

    /// Gives a domain up: it decides nothing any more.
    package func remove(
        _ host: HostName, from organization: Organization.ID, of tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await perform(in: organization, of: tenant) { records in
            guard let domain = try records.organizationDomains.find(host, of: organization),
                try records.organizationDomains.delete(host, of: organization)
            else { return .notFound }
            try records.append(.organizationDomainRemoved, domain, on: occasion)
            return .changed(domain)
        }
    }

    private func perform(
        in organization: Organization.ID, of tenant: Tenant.ID,
        _ change: @escaping @Sendable (TenantRecords) throws -> Change
    ) async throws -> Change {
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization) else { return .gone }
            return try change(records)
        }
        return outcome ?? .gone
    }
}

extension TenantRecords {
    /// Why rules cannot be those of a domain; nil if they can.
    fileprivate func refusal(
        of rules: OrganizationDomain.Rules, in organization: Organization.ID
    ) throws -> AdministerOrganizationDomains.Change? {
        switch try roles(meantBy: rules.roles, in: organization) {
        case .missing(let name): return .noRole(name)
        case .tooMany: return .tooManyRoles
        case .found(let roles):
            return roles?.first(where: \.isOwner).map { .makesOwners($0.name) }
        }
    }

    /// Tells of what was done to a domain of an organization, and what it decides.
    fileprivate func append(
        _ kind: Event.Kind, _ domain: OrganizationDomain, on occasion: Occasion
    ) throws {
        try append(
            kind, by: occasion.operator, of: domain.organizationID,
            [
                ("host", domain.claim.host.text), ("joins", "\(domain.rules.joins)"),
                ("required", "\(domain.rules.isRequired)"),
            ], on: occasion)
    }
}
