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
    private var isForDocuments = false

    package init(registry: Registry, base: BaseURL, clock: Clock) {
        self.registry = registry
        self.base = base
        self.clock = clock
    }

    /// The same for what a tenant publishes, which is served for a while without the database too.
    package var forDocuments: ResolveTenant {
        var copy = self
        copy.isForDocuments = true
        return copy
    }

    /// Adds the tenant to the context.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        let now = clock.now
        guard let slug = context.parameters.get("tenant").flatMap(Slug.init(parsing:)),
            let tenant = try await find(slug, at: now)
        else { throw HTTPError(.notFound) }
        var context = context
        context.tenancy = Tenancy(
            tenant: tenant, issuer: Issuer(base: base, slug: slug.text),
            occasion: context.occasion(at: now))
        return try await next(request, context)
    }

    private func find(_ slug: Slug, at now: Timestamp) async throws -> Tenant? {
        isForDocuments
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
