package import GatehouseCore
package import GatehouseProtocol
import HTTPTypes
package import Hummingbird

/// Finds the tenant that the path names, or the host.
///
/// An unknown one is a page that is not there, and so is one whose name is not even a name.
package struct ResolveTenant: RouterMiddleware {
    private let registry: Registry
    private let base: BaseURL
    private let hosts: TenantHosts
    private let clock: Clock

    package init(registry: Registry, base: BaseURL, hosts: TenantHosts, clock: Clock) {
        self.registry = registry
        self.base = base
        self.hosts = hosts
        self.clock = clock
    }

    /// Adds the tenant to the context.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        var context = context
        let name: TenantPath.Name =
            if case .tenant(let host) = context.destination {
                .host(host)
            } else {
                .slug(Substring(context.parameters.get("tenant") ?? ""))
            }
        context.tenancy = try await tenancy(name, context, toPublish: false)
        return try await next(request, context)
    }

    /// What is known of a request to the tenant of this name.
    ///
    /// What a tenant publishes is served for a while without the database too.
    package func context(
        _ name: TenantPath.Name, _ context: EdgeContext, toPublish: Bool
    ) async throws -> TenantContext {
        TenantContext(context, try await tenancy(name, context, toPublish: toPublish))
    }

    private func tenancy(
        _ name: TenantPath.Name, _ context: EdgeContext, toPublish: Bool
    ) async throws -> Tenancy {
        let now = clock.now
        let tenant: Tenant?
        let issuer: Issuer
        switch name {
        case .slug(let text):
            tenant = try await find(String(text), toPublish, at: now)
            issuer = Issuer(base: base, slug: String(text))
        case .host(let host):
            tenant = try await find(host, toPublish, at: now)
            issuer = Issuer(base: base, host: host)
        }
        guard let tenant else { throw HTTPError(.notFound) }
        var tenancy = Tenancy(
            tenant: tenant, issuer: issuer, occasion: context.occasion(at: now))
        if case .mutualTLS(let base) = context.destination {
            tenancy.alias = MutualTLSSupport(hasAuthorities: false, base: base).address(of: issuer)
        }
        return tenancy
    }

    private func find(
        _ host: HostName, _ toPublish: Bool, at now: Timestamp
    ) async throws -> Tenant? {
        if let slug = hosts.slug(in: host) { return try await find(slug, toPublish, at: now) }
        return toPublish
            ? try await registry.publishedTenant(at: host, at: now)
            : try await registry.tenant(at: host, at: now)
    }

    private func find(
        _ text: String, _ toPublish: Bool, at now: Timestamp
    ) async throws -> Tenant? {
        guard let slug = Slug(parsing: text) else { return nil }
        return toPublish
            ? try await registry.publishedTenant(slug, at: now)
            : try await registry.tenant(slug, at: now)
    }
}

extension EdgeContext {
    /// When and whence the request came, for what it changes.
    package func occasion(at now: Timestamp) -> Occasion {
        Occasion(now: now, requestID: requestID, address: clientAddress?.description)
    }
}
