import GatehouseCore
package import GatehouseProtocol

/// Where an installation and its tenants are found.
package struct InstanceAddresses: Sendable {
    let base: BaseURL
    /// The domain below which each tenant has a host, if there is one.
    let tenantDomain: HostName?

    package init(base: BaseURL, tenantDomain: HostName?) {
        self.base = base
        self.tenantDomain = tenantDomain
    }

    /// The host that a tenant has below the tenants' domain.
    func host(of tenant: Tenant) -> HostName? {
        tenantDomain?.below(tenant.slug.text)
    }

    /// True if a host is ours already, so that no tenant can bring it.
    func contains(_ host: HostName) -> Bool {
        host.text == base.host || tenantDomain == host
            || tenantDomain.flatMap(host.label(below:)) != nil
    }
}
