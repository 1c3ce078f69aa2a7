import GatehouseProtocol

/// What the registry holds of one tenant.
final class Holding {
    var tenant: Tenant?
    /// The hosts that it was found by.
    var hosts: Set<HostName> = []
    var clients = RecentlyUsed<Client.ID, RegisteredClient>(limit: 4_096)
    var keys: TenantKeys?
    var browserOrigins: [String]?
    var resources: Resources?
    var pairwiseSubjects: PairwiseSubjects?
}

/// What the registry holds, and since when it is known to be true.
struct Holdings {
    /// The most tenants that are held.
    private static let limit = 20_000

    private var slugs = RecentlyUsed<Slug, Tenant.ID>(limit: limit)
    private var hosts = RecentlyUsed<HostName, Tenant.ID>(limit: limit)
    private var tenants = RecentlyUsed<Tenant.ID, Holding>(limit: limit)
    /// The epoch that everything here is as new as; nil before the first confirmation.
    private(set) var epoch: Int64?
    /// How often something was changed from here.
    private(set) var changes = 0
    private var confirmedAt: Timestamp?

    // MARK: Looking

    mutating func tenant(_ slug: Slug) -> Tenant? {
        guard let id = slugs[slug], let tenant = tenants[id]?.tenant, tenant.slug == slug else {
            return nil
        }
        return tenant
    }

    mutating func tenant(at host: HostName) -> Tenant? {
        guard let id = hosts[host], let holding = tenants[id], holding.hosts.contains(host) else {
            return nil
        }
        return holding.tenant
    }

    mutating func client(_ id: Client.ID, of tenant: Tenant.ID) -> RegisteredClient? {
        tenants[tenant]?.clients[id]
    }

    mutating func browserOrigins(of tenant: Tenant.ID) -> [String]? {
        tenants[tenant]?.browserOrigins
    }

    mutating func resources(of tenant: Tenant.ID) -> Resources? {
        tenants[tenant]?.resources
    }

    mutating func pairwiseSubjects(of tenant: Tenant.ID) -> PairwiseSubjects? {
        tenants[tenant]?.pairwiseSubjects
    }

    /// The keys, with what each is for at this moment.
    mutating func keys(of tenant: Tenant.ID, at now: Timestamp) -> TenantKeys? {
        guard let holding = tenants[tenant], let keys = holding.keys else { return nil }
        if keys.isCurrent(at: now) { return keys }
        let renewed = keys.renewed(at: now)
        holding.keys = renewed
        return renewed
    }

    // MARK: Keeping

    /// Keeps what was read, unless it may have been changed since.
    mutating func keep(_ tenant: Tenant, asOf epoch: Int64) {
        guard let holding = holding(of: tenant.id, asOf: epoch) else { return }
        holding.tenant = tenant
        slugs[tenant.slug] = tenant.id
    }

    mutating func keep(_ tenant: Tenant, at host: HostName, asOf epoch: Int64) {
        guard let holding = holding(of: tenant.id, asOf: epoch) else { return }
        holding.tenant = tenant
        holding.hosts.insert(host)
        hosts[host] = tenant.id
    }

    mutating func keep(_ client: RegisteredClient, of tenant: Tenant.ID, asOf epoch: Int64) {
        holding(of: tenant, asOf: epoch)?.clients[client.client.id] = client
    }

    mutating func keep(_ keys: TenantKeys, of tenant: Tenant.ID, asOf epoch: Int64) {
        holding(of: tenant, asOf: epoch)?.keys = keys
    }

    mutating func keep(browserOrigins: [String], of tenant: Tenant.ID, asOf epoch: Int64) {
        holding(of: tenant, asOf: epoch)?.browserOrigins = browserOrigins
    }

    mutating func keep(_ resources: Resources, of tenant: Tenant.ID, asOf epoch: Int64) {
        holding(of: tenant, asOf: epoch)?.resources = resources
    }

    mutating func keep(_ subjects: PairwiseSubjects, of tenant: Tenant.ID, asOf epoch: Int64) {
        holding(of: tenant, asOf: epoch)?.pairwiseSubjects = subjects
    }

    private mutating func holding(of tenant: Tenant.ID, asOf epoch: Int64) -> Holding? {
        guard let known = self.epoch, epoch >= known else { return nil }
        if let holding = tenants[tenant] { return holding }
        let holding = Holding()
        tenants[tenant] = holding
        return holding
    }

    // MARK: Confirming

    /// True if the last confirmation is recent enough, whichever way the clock was set since.
    func isConfirmed(at now: Timestamp, within age: Lifetime) -> Bool {
        guard let confirmedAt else { return false }
        return confirmedAt - age < now && now < confirmedAt + age
    }

    /// Notes that something was changed from here: nothing counts before it is confirmed again.
    mutating func noteChange() {
        changes += 1
        confirmedAt = nil
    }

    /// Drops what was changed up to an epoch; nil drops everything.
    ///
    /// A change from here that came while the database was asked may be missing in the answer.
    mutating func confirm(
        _ epoch: Int64, changed: [Tenant.ID]?, asOf changes: Int, at now: Timestamp
    ) {
        if let changed {
            for tenant in changed { tenants[tenant] = nil }
        } else {
            tenants.removeAll()
        }
        self.epoch = max(self.epoch ?? epoch, epoch)
        if changes == self.changes { confirmedAt = now }
    }
}
