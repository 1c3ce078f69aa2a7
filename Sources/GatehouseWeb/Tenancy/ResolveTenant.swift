private import Logging
package import GatehouseCore
package import GatehouseProtocol
import HTTPTypes
package import Hummingbird

/// Finds the tenant that the path names.
///
/// An unknown one is a page that is not there, and so is one whose name is not even a name.
package struct ResolveTenant: RouterMiddleware {
    private let tenants: AdministerTenants
    private let base: BaseURL
    private let clock: Clock

    package init(tenants: AdministerTenants, base: BaseURL, clock: Clock) {
        self.tenants = tenants
        self.base = base
        self.clock = clock
    }

    /// Adds the tenant to the context.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        guard let slug = context.parameters.get("tenant").flatMap(Slug.init(parsing:)),
            let tenant = try await tenants.find(slug)
        else { throw HTTPError(.notFound) }
        var context = context
        context.tenancy = Tenancy(
            tenant: tenant, issuer: Issuer(base: base, slug: slug.text),
            occasion: context.occasion(at: clock.now))
        context.logger[metadataKey: "tenant"] = .string(slug.text)
        return try await next(request, context)
    }
}

extension EdgeContext {
    /// When and whence the request came, for what it changes.
    package func occasion(at now: Timestamp) -> Occasion {
        Occasion(now: now, requestID: requestID, address: clientAddress?.description)
    }
}
