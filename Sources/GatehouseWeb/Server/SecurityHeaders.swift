import HTTPTypes
import Hummingbird

/// The headers that every answer carries, whatever made it.
///
/// Defaults for what fits no page and no cache; an answer that needs something else sets that
/// header itself. Each goes out exactly once.
enum SecurityHeaders {
    /// The policy of an answer that is not a page: nothing may load, nobody may frame it.
    static let policy = "default-src 'none'; frame-ancestors 'none'"

    /// Two years, the span that browsers' preload lists ask for (RFC 6797 §6.1).
    private static let strictTransport = "max-age=63072000; includeSubDomains"

    /// Adds the headers to an answer; `isSecure` tells whether the client's connection is.
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        for (name, value) in always { headers[name] = value }
        for (name, value) in unlessSet {
            headers[name] = headers[values: name].first ?? value
        }
        if isSecure { headers[.strictTransportSecurity] = strictTransport }
        headers[.server] = nil
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
