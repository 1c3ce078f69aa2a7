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
    private static let strictTransport = HTTPField(
        name: .strictTransportSecurity, value: "max-age=63072000; includeSubDomains")

    /// Adds the headers to an answer; `isSecure` tells whether the client's connection is.
    static func add(to headers: inout HTTPFields, isSecure: Bool) {
        for field in always { set(field, in: &headers) }
        for field in unlessSet where !isOnce(field.name, in: headers) {
            set(headers.first { $0.name == field.name } ?? field, in: &headers)
        }
        if isSecure { set(strictTransport, in: &headers) }
    }

    /// Puts a field there once.
    private static func set(_ field: HTTPField, in headers: inout HTTPFields) {
        if headers.contains(where: { $0.name == field.name }) {
            headers[field.name] = field.value
        } else {
            headers.append(field)
        }
    }

    // Looking through a dozen fields is cheaper than the index that their subscripts build.
    private static func isOnce(_ name: HTTPField.Name, in headers: HTTPFields) -> Bool {
        headers.count { $0.name == name } == 1
    }

    private static let always = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .known("Referrer-Policy"), value: "no-referrer"),
        HTTPField(name: .known("X-Frame-Options"), value: "DENY"),
    ]

    private static let unlessSet = [
        HTTPField(name: .cacheControl, value: "no-store"),
        HTTPField(name: .contentSecurityPolicy, value: policy),
        HTTPField(name: .known("Cross-Origin-Opener-Policy"), value: "same-origin"),
        HTTPField(name: .known("Cross-Origin-Resource-Policy"), value: "same-origin"),
    ]
}
