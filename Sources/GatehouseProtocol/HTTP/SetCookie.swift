/// A `Set-Cookie` header of Gatehouse: `Secure; HttpOnly; Path=/`, host-only by its name.
package struct SetCookie: Sendable, Hashable {
    /// Whether the cookie comes along when another site leads here (RFC 6265bis §4.1.2.7).
    package enum SameSite: String, Sendable {
        /// Sent with top-level navigation from elsewhere: what a redirect to sign-in needs.
        case lax = "Lax"
        /// Sent only with requests from our own pages.
        case strict = "Strict"
    }

    /// The header's value.
    package let headerValue: String

    /// Makes the header; `nil` when the value is not a token (RFC 9110 §5.6.2).
    ///
    /// Without `maxAge`, the cookie ends with the browser session. Seconds; parts are dropped.
    package init?(
        _ name: CookieName, value: String, sameSite: SameSite, maxAge: Duration? = nil
    ) {
        guard WireText.isToken(value) else { return nil }
        let lifetime = maxAge.map { "; Max-Age=\(max(0, $0.components.seconds))" } ?? ""
        headerValue =
            "\(name.text)=\(value)\(lifetime); Path=/; Secure; HttpOnly; "
            + "SameSite=\(sameSite.rawValue)"
    }

    /// Makes the header that removes a cookie.
    package init(removing name: CookieName) {
        headerValue = "\(name.text)=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax"
    }
}
