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

    /// A domain in use, and what is done about what a look at it finds.
    private struct Due: Sendable {
        let tenant: Tenant.ID
        /// The organization that speaks for it; nil if it is the tenant's.
        let organization: Organization.ID?
        let claim: DomainClaim
    }

    /// Looks at the domains that are due.
    package func run(on occasion: Occasion) async throws {
        let (now, last) = (occasion.now, occasion.now - DomainClaim.recheck)
        let due = try await registry.database.write { [lease] transaction -> [Due] in
            guard try lease.take(in: transaction, for: .minutes(10), at: now) else { return [] }
            let tenants = try transaction.tenantDomains.due(before: last, limit: Self.batch)
                .map { Due(tenant: $0, organization: nil, claim: $1) }
            let organizations = try transaction.organizationDomains
                .due(before: last, limit: Self.batch)
                .map { Due(tenant: $0, organization: $1.organizationID, claim: $1.claim) }
            return tenants + organizations
        }
        for domain in due {
            try await recheck(domain, on: occasion)
        }
    }

    private func recheck(_ due: Due, on occasion: Occasion) async throws {
        var claim = due.claim
        let finding = claim.note(
            await textRecords.records(at: claim.recordName), at: occasion.now)
        let looked = claim
        switch finding {
        // Noted, too, if nobody answered: those whose name servers are away must not keep all others
        // from their turn.
        case .unknown, .proved, .missing(isOver: false):
            try await registry.database.write { transaction in
                let records = transaction.records(of: due.tenant)
                if let organization = due.organization {
                    try records.organizationDomains.note(looked, of: organization)
                } else {
                    try records.domains.note(looked)
                }
            }
        case .missing(isOver: true):
            try await giveUp(due, on: occasion)
        }
    }

    /// Gives a domain up whose record has been away for too long.
    private func giveUp(_ due: Due, on occasion: Occasion) async throws {
        let (tenant, claim) = (due.tenant, due.claim)
        let lapse: (Event.Kind, String) -> Event = { kind, subject in
            Event(kind, by: .system, of: subject, detail: [("host", claim.host.text)])
        }
        guard let organization = due.organization else {
            let event = lapse(.domainLapsed, tenant.text)
            return try await registry.change { transaction in
                let records = transaction.records(of: tenant)
                guard try records.domains.delete(claim.host, proof: claim.proof) else { return }
                try records.events.append(event, on: occasion)
            }
        }
        let event = lapse(.organizationDomainLapsed, organization.text)
        try await registry.database.write { transaction in
            let records = transaction.records(of: tenant)
            guard
                try records.organizationDomains.delete(
                    claim.host, proof: claim.proof, of: organization)
            else { return }
            try records.events.append(event, on: occasion)
        }
    }
}
