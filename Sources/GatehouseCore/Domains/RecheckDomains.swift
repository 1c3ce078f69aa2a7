private import GatehouseProtocol
private import GatehouseSQL

/// Looks again, once a day, whether the domains in use still have their record, on one node at a
/// time.
///
/// A domain changes hands: whoever gets it must not find another's tenant there.
package struct RecheckDomains: Sendable {
    let registry: Registry
    let textRecords: any TextRecords
    let lease: Lease

    package init(registry: Registry, textRecords: any TextRecords, holder: String) {
        self.registry = registry
        self.textRecords = textRecords
        lease = Lease("recheck-domains", holder: holder)
    }

    /// How many domains one run looks at.
    private static let batch = 50

    /// Looks at the domains that are due.
    package func run(on occasion: Occasion) async throws {
        let now = occasion.now
        let due = try await registry.database.write {
            [lease] transaction -> [(Tenant.ID, DomainClaim)] in
            guard try lease.take(in: transaction, for: .minutes(10), at: now) else { return [] }
            return try transaction.tenantDomains.due(
                before: now - DomainClaim.recheck, limit: Self.batch)
        }
        for (tenant, domain) in due {
            try await recheck(domain, of: tenant, on: occasion)
        }
    }

    private func recheck(
        _ domain: DomainClaim, of tenant: Tenant.ID, on occasion: Occasion
    ) async throws {
        var domain = domain
        let finding = domain.note(
            await textRecords.records(at: domain.recordName), at: occasion.now)
        let looked = domain
        switch finding {
        case .unknown: return
        case .proved, .missing(isOver: false):
            try await registry.database.write { transaction in
                try transaction.records(of: tenant).domains.note(looked)
            }
        case .missing(isOver: true):
            try await registry.change { transaction in
                let records = transaction.records(of: tenant)
                guard try records.domains.delete(looked.host, proof: looked.proof) else { return }
                try records.events.append(
                    Event(
                        .domainLapsed, by: .system, of: tenant.text,
                        detail: [("host", looked.host.text)]),
                    on: occasion)
            }
        }
    }
}
