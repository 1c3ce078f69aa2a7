package import GatehouseProtocol
private import GatehouseSQL

/// What is done to a tenant's domains: claimed, proved, given up.
package struct AdministerDomains: Sendable {
    let registry: Registry
    let textRecords: any TextRecords

    package init(registry: Registry, textRecords: any TextRecords) {
        self.registry = registry
        self.textRecords = textRecords
    }

    package func list(in tenant: Tenant.ID) async throws -> [DomainClaim] {
        try await registry.database.read { try $0.records(of: tenant).domains.all() }
    }

    /// Claims a domain for a tenant.
    ///
    /// Nil if the tenant has claimed it already.
    package func add(
        _ host: HostName, to tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> DomainClaim? {
        let domain = DomainClaim(claiming: host, at: occasion.now)
        return try await registry.database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.domains.insert(domain) else { return nil }
            try records.events.append(
                Event(
                    .domainAdded, by: occasion.operator, of: tenant.text,
                    detail: [("host", host.text)]),
                on: occasion)
            return domain
        }
    }

    /// Looks for a domain's record, and has the tenant answer there if it is right.
    package func verify(
        _ host: HostName, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> DomainVerification {
        let found = try await registry.database.read { transaction in
            try transaction.records(of: tenant).domains.find(host)
        }
        guard let claim = found else { return .unknown }
        return try await claim.verify(by: textRecords, at: occasion.now) { proved in
            try await registry.change { transaction in
                let records = transaction.records(of: tenant)
                guard try records.domains.putInUse(proved, at: occasion.now) else { return false }
                try records.events.append(
                    Event(
                        .domainVerified, by: occasion.operator, of: tenant.text,
                        detail: [("host", host.text)]),
                    on: occasion)
                return true
            }
        }
    }

    /// Gives a domain up: nobody answers there any more.
    ///
    /// False if the tenant has no such domain.
    package func remove(
        _ host: HostName, from tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await registry.change { transaction in
            let records = transaction.records(of: tenant)
            guard try records.domains.delete(host) else { return false }
            try records.events.append(
                Event(
                    .domainRemoved, by: occasion.operator, of: tenant.text,
                    detail: [("host", host.text)]),
                on: occasion)
            return true
        }
    }
}
