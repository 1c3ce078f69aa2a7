package import GatehouseCore
package import HTTPTypes

/// The cookies of one tenant.
///
/// Tenants that share a host share its cookies, so the tenant is part of each name.
package struct TenantCookies: Sendable {
    private let sessionName: CookieName
    private let browserName: CookieName

    package init(of slug: Slug) {
        sessionName = CookieName("gatehouse-session-", slug.text)
        browserName = CookieName("gatehouse-browser-", slug.text)
    }

    /// The cookies of the administration of the whole installation.
    package static let administration = TenantCookies(
        sessionName: CookieName("gatehouse-admin-session"),
        browserName: CookieName("gatehouse-admin-browser"))

    private init(sessionName: CookieName, browserName: CookieName) {
        self.sessionName = sessionName
        self.browserName = browserName
    }

    /// What the browser proves.
    package func browser(_ headers: HTTPFields) -> Browser {
        let cookies = Cookies(headers)
        return Browser(
            secret: cookies[browserName].flatMap { Secret($0, for: .browser) },
            session: cookies[sessionName].flatMap { Secret($0, for: .session) })
    }

    /// Gives the browser its session.
    package func set(session secret: Secret) -> SetCookie? {
        SetCookie(
            sessionName, value: secret.revealed, sameSite: .lax,
            maxAge: .seconds(Session.lifetime.seconds))
    }

    /// Gives the browser the secret that its interactions are bound to.
    package func set(browser secret: Secret) -> SetCookie? {
        SetCookie(browserName, value: secret.revealed, sameSite: .lax)
    }

    /// Takes the session away.
    package var clearSession: SetCookie { SetCookie(removing: sessionName) }
}

extension CookieName {
    /// Names a cookie by a literal and a slug, which is a token by its own rules.
    fileprivate init(_ prefix: StaticString, _ slug: String) {
        text = "__Host-" + prefix.description + slug
    }
}
