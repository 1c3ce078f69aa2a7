import GatehouseCore
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// Lets the pages of applications that run in browsers read answers, errors included (WHATWG Fetch
/// §3.2).
///
/// Only origins that a client of the tenant registered are let in, byte for byte, and cookies are
/// never part of it.
struct CrossOriginAnswer: Sendable {
    let origins: AllowedOrigins

    /// Adds whether a page may read the answer, and what it may ask.
    func add(
        to response: inout Response, _ request: Request, _ context: TenantContext
    ) async throws {
        let sent = request.headers[values: .origin]
        guard let origin = sent.first else { return }
        response.headers[.vary] = "Origin"
        if sent.count == 1,
            try await origins.contains(origin, of: context.tenant, at: context.occasion.now)
        {
            response.headers[.accessControlAllowOrigin] = origin
            if request.method == .options {
                response.headers[.accessControlAllowMethods] = response.headers[.allow]
                response.headers[.accessControlAllowHeaders] =
                    "authorization, content-type, dpop"
                response.headers[.accessControlMaxAge] = "600"
            } else {
                response.headers[.accessControlExposeHeaders] = "dpop-nonce, www-authenticate"
            }
            if let policy = HTTPField.Name("Cross-Origin-Resource-Policy") {
                response.headers[policy] = "cross-origin"
            }
        }
    }
}
