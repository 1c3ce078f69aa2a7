import GatehouseProtocol
import GatehouseWeb
import HTTPTypes

/// The cookies of the demo application: one for the session, one for the sign-ins under way.
enum DemoCookies {
    private static let sessionName = CookieName("gatehouse-demo")
    private static let loginName = CookieName("gatehouse-demo-login")

    /// The secret of the browser's session.
    static func session(of headers: HTTPFields) -> String? { Cookies(headers)[sessionName] }

    /// The secret that the browser's sign-ins are bound to.
    static func browser(of headers: HTTPFields) -> String? { Cookies(headers)[loginName] }

    /// Gives the browser its session.
    static func set(session secret: String) -> SetCookie? {
        SetCookie(
            sessionName, value: secret, sameSite: .lax, maxAge: .seconds(DemoSessions.lifetime))
    }

    /// Gives the browser the secret that its sign-ins are bound to.
    static func set(browser secret: String) -> SetCookie? {
        SetCookie(
            loginName, value: secret, sameSite: .lax, maxAge: .seconds(PendingLogins.lifetime))
    }

    /// Takes the session away.
    static var clearSession: SetCookie { SetCookie(removing: sessionName) }
}
