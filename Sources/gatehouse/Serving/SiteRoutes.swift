import GatehouseAdmin
import GatehouseCore
import GatehousePages
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

/// The routes of an installation: at its own address, and at the hosts that tenants have.
struct SiteRoutes {
    let gatehouse: Gatehouse
    let base: BaseURL
    let facts: InstallationFacts
    let resolve: ResolveTenant
    private let tenantDomain: HostName?
    private let hosts: TenantHosts
    private let assets: StaticAssets

    init(_ instance: OpenInstance, base: BaseURL, facts: InstallationFacts) {
        self.facts = facts
        gatehouse = instance.gatehouse
        self.base = base
        assets = StaticAssets(base: base.path)
        tenantDomain = instance.settings.tenantDomain
        hosts = TenantHosts(
            base: base, below: instance.settings.tenantDomain,
            customDomains: instance.settings.hasCustomDomains,
            mutualTLS: instance.settings.mutualTLS.baseURL)
        resolve = ResolveTenant(
            registry: gatehouse.registry, base: base, hosts: hosts, clock: .system)
    }

    /// Adds what is at the installation's own address: everything, with tenants by their paths.
    func addRoutes(to router: Router<EdgeContext>) {
        HealthRoutes(gatehouse: gatehouse).addRoutes(to: router)
        let site = router.group(RouterPath(base.path))
            .add(middleware: RequireHTTPS(base: base, audience: .people))
        assets.addRoutes(to: site)
        let addresses = InstanceAddresses(base: base, tenantDomain: tenantDomain)
        Portal(
            gatehouse: gatehouse, addresses: addresses, facts: facts, assets: assets,
            clock: .system
        ).addRoutes(to: site)
        addPages(to: site.group("t/:tenant"))
        AdminAPI(
            gatehouse: gatehouse, addresses: addresses, facts: facts, assets: assets,
            clock: .system
        ).addRoutes(
            to: router.group(RouterPath(base.path))
                .add(middleware: RequireHTTPS(base: base, audience: .programs)))
    }

    /// What is at the host of a tenant: its pages, and nothing of the installation.
    var ofTenants: HostRoutes {
        HostRoutes(of: hosts) { router in
            let site = router.group()
                .add(middleware: RequireHTTPS(base: base, audience: .people))
            assets.addRoutes(to: site.group(RouterPath(base.path)))
            addPages(to: site)
        }
    }

    /// What is where clients show certificates: nothing but what programs call, and is no route.
    var ofMutualTLS: HostRoutes {
        HostRoutes(of: hosts) { _ in }
    }

    private func addPages(to tenant: RouterGroup<EdgeContext>) {
        Pages(gatehouse: gatehouse, assets: assets).addRoutes(to: tenant, resolving: resolve)
    }
}
