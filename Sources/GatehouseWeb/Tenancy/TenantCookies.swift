package import GatehouseCore
package import GatehouseProtocol
package import HTTPTypes

/// The cookies of one tenant.
///
/// Tenants that share a host share its cookies, so the tenant is part of each name.
package struct TenantCookies: Sendable {
    private let sessionName: CookieName
    private let browserName: CookieName
    private let deviceName: CookieName

    package init(of slug: Slug) {
        sessionName = CookieName("gatehouse-session-").adding(slug.text)
        browserName = CookieName("gatehouse-browser-").adding(slug.text)
        deviceName = CookieName("gatehouse-device-").adding(slug.text)
    }

    /// The cookies of the administration of the whole installation.
    package static let administration = TenantCookies(
        sessionName: CookieName("gatehouse-admin-session"),
        browserName: CookieName("gatehouse-admin-browser"),
        deviceName: CookieName("gatehouse-admin-device"))

    private init(sessionName: CookieName, browserName: CookieName, deviceName: CookieName) {
        self.sessionName = sessionName
        self.browserName = browserName
        self.deviceName = deviceName
    }

    /// What the browser proves, for an interaction if one is named.
    package func browser(_ headers: HTTPFields, for interaction: String? = nil) -> Browser {
        let cookies = Cookies(headers)
        let own = interaction.flatMap { cookies[browserName.adding("." + $0)] }
        return Browser(
            secret: (own ?? cookies[browserName]).flatMap { Secret($0, for: .browser) },
            sessions: Self.sessions(in: cookies[sessionName] ?? ""),
            device: cookies[deviceName].flatMap { Secret($0, for: .device) })
    }

    /// The secrets of a browser's sessions, the active one first; more than it may have are none.
    private static func sessions(in value: String) -> [Secret] {
        let parts = value.split(separator: ".", maxSplits: Browser.mostSessions)
        guard parts.count <= Browser.mostSessions else { return [] }
        return parts.compactMap { Secret(String($0), for: .session) }
    }

    /// Gives the browser its sessions, or takes the cookie away if it has none.
    package func set(sessions secrets: [Secret]) -> SetCookie? {
        guard !secrets.isEmpty else { return SetCookie(removing: sessionName) }
        return SetCookie(
            sessionName, value: secrets.map(\.revealed).joined(separator: "."), sameSite: .lax,
            maxAge: .seconds(Session.lifetime.seconds))
    }

    /// Gives the browser what it is known by from now on; signing out leaves it.
    package func set(device secret: Secret) -> SetCookie? {
        SetCookie(
            deviceName, value: secret.revealed, sameSite: .lax,
            maxAge: .seconds(KnownDeviceRecords.lifetime.seconds))
    }

    /// What a browser gets when it changed who is signed in with it.
    package func set(_ secrets: SignIn.SignedIn?) -> [SetCookie?] {
        guard let secrets else { return [] }
        return [set(sessions: secrets.sessions), secrets.device.flatMap { set(device: $0) }]
    }

    /// Gives the browser the secret that its interactions are bound to.
    package func set(browser secret: Secret) -> SetCookie? {
        SetCookie(browserName, value: secret.revealed, sameSite: .lax)
    }

    /// Gives a browser that had no secret one for this interaction alone, too: of two tabs that
    /// begin at the same moment, the later answer would else take the secret of the earlier one.
    package func set(browser secret: Secret, for interaction: Interaction.ID) -> SetCookie? {
        SetCookie(
            browserName.adding("." + interaction.text), value: secret.revealed, sameSite: .lax,
            maxAge: .seconds(Interaction.lifetime.seconds))
    }
}
