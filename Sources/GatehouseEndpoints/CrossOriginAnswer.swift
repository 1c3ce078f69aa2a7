import GatehouseCore
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// Lets the pages of applications that run in browsers read answers, errors included (WHATWG Fetch
/// §3.2).
///
/// Only origins that a client of the tenant registered are let in, byte for byte, and cookies are
/// never part of it.
struct CrossOriginAnswer: RouterMiddleware {
    let origins: AllowedOrigins

    func handle(
        _ request: Request, context: TenantContext,
        next: @concurrent (Request, TenantContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        let sent = request.headers[values: .origin]
        guard let origin = sent.first else { return response }
        response.headers[.vary] = "Origin"
        if sent.count == 1,
            try await origins.contains(
                origin, of: context.tenant.id, at: context.occasion.now)
        {
            response.headers[.accessControlAllowOrigin] = origin
            if request.method == .options {
                response.headers[.accessControlAllowMethods] = response.headers[.allow]
                response.headers[.accessControlAllowHeaders] = "authorization, content-type"
                response.headers[.accessControlMaxAge] = "600"
            }
            if let policy = HTTPField.Name("Cross-Origin-Resource-Policy") {
                response.headers[policy] = "cross-origin"
            }
        }
        return response
    }

    /// Answers the question what may be asked here; ``handle(_:context:next:)`` adds whether a page
    /// may.
    static func options(
        _ methods: String
    ) -> @Sendable (Request, TenantContext) async throws -> Response {
        { _, _ in Response(status: .noContent, headers: [.allow: methods + ", OPTIONS"]) }
    }
}
