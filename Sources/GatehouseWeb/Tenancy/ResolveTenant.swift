package import GatehouseCore
package import GatehouseProtocol
import HTTPTypes
package import Hummingbird

/// Finds the tenant that the path names.
///
/// An unknown one is a page that is not there, and so is one whose name is not even a name.
package struct ResolveTenant: RouterMiddleware {
    private let registry: Registry
    private let base: BaseURL
    private let clock: Clock

    package init(registry: Registry, base: BaseURL, clock: Clock) {
        self.registry = registry
        self.base = base
        self.clock = clock
    }

    /// Adds the tenant to the context.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        var context = context
        context.tenancy = try await tenancy(
            context.parameters.get("tenant") ?? "", context, toPublish: false)
        return try await next(request, context)
    }

    /// What is known of a request to the tenant of this name.
    ///
    /// What a tenant publishes is served for a while without the database too.
    package func context(
        _ slug: Substring, _ context: EdgeContext, toPublish: Bool
    ) async throws -> TenantContext {
        TenantContext(
            context, try await tenancy(String(slug), context, toPublish: toPublish))
    }

    private func tenancy(
        _ name: String, _ context: EdgeContext, toPublish: Bool
    ) async throws -> Tenancy {
        let now = clock.now
        guard let slug = Slug(parsing: name),
            let tenant = toPublish
                ? try await registry.publishedTenant(slug, at: now)
                : try await registry.tenant(slug, at: now)
        else { throw HTTPError(.notFound) }
        return Tenancy(
            tenant: tenant, issuer: Issuer(base: base, slug: slug.text),
            occasion: context.occasion(at: now))
    }
}

extension EdgeContext {
    /// When and whence the request came, for what it changes.
    package func occasion(at now: Timestamp) -> Occasion {
        Occasion(now: now, requestID: requestID, address: clientAddress?.description)
    }
}
