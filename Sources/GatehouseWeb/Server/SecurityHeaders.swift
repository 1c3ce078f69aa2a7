import HTTPTypes
package import Hummingbird

/// The headers that every answer carries, whatever made it.
///
/// Defaults for what fits no page and no cache; an answer that needs something else sets that
/// header itself. Each goes out exactly once.
package struct SecurityHeaders: RouterMiddleware {
    /// The policy of an answer that is not a page: nothing may load, nobody may frame it.
    static let policy = "default-src 'none'; frame-ancestors 'none'"

    /// Two years, the span that browsers' preload lists ask for (RFC 6797 §6.1).
    private static let strictTransport = "max-age=63072000; includeSubDomains"

    /// Takes nothing: the headers do not depend on settings.
    package init() {}

    /// Adds the headers to the answer.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        var response = try await next(request, context)
        for (name, value) in Self.always { response.headers[name] = value }
        for (name, value) in Self.unlessSet {
            response.headers[name] = response.headers[values: name].first ?? value
        }
        if context.isSecure {
            response.headers[.strictTransportSecurity] = Self.strictTransport
        }
        response.headers[.server] = nil
        return response
    }

    private static let always: [(HTTPField.Name, String)] = [
        (.xContentTypeOptions, "nosniff"),
        (.known("Referrer-Policy"), "no-referrer"),
        (.known("X-Frame-Options"), "DENY"),
    ]

    private static let unlessSet: [(HTTPField.Name, String)] = [
        (.cacheControl, "no-store"),
        (.contentSecurityPolicy, policy),
        (.known("Cross-Origin-Opener-Policy"), "same-origin"),
        (.known("Cross-Origin-Resource-Policy"), "same-origin"),
    ]
}
