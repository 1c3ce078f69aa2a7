import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The way into the portal by a one-time link, and out of it.
struct AdminLinkPage: Sendable {
    let portal: Portal

    private var gatehouse: Gatehouse { portal.gatehouse }
    private var base: BaseURL { portal.base }

    func addRoutes(to router: RouterGroup<EdgeContext>) {
        router.get("admin/link", use: showLink)
        router.post("admin/link", use: useLink)
        router.post("admin/sign-out", use: signOut)
    }

    private func showLink(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = portal.clock.now
        guard let secret = try Self.secret(request.queryParameters()),
            let remaining = try await gatehouse.adminLink.remainingLifetime(of: secret, at: now)
        else { return problem(.linkSpent) }
        let form = PostForm(
            action: portal.link("/admin/link"),
            csrf: secret.authenticationCode(for: "admin/link"),
            carrying: [(ParameterName.secret.text, secret.revealed)])
        return .page(
            AdminLinkView(
                frame: portal.frame, form: form, remaining: Wait.words(Int(remaining.seconds))
            ).document)
    }

    private func useLink(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let form = try await request.formParameters()
        guard SameOriginCheck.allows(request.headers, at: base.origin),
            let secret = Self.secret(form),
            secret.isValid(form[.csrf] ?? "", for: "admin/link"),
            let session = try await gatehouse.adminLink.use(
                secret, on: context.occasion(at: portal.clock.now))
        else { return problem(.linkSpent) }
        return .seeOther(
            portal.link("/admin").target,
            cookies: [TenantCookies.administration.set(sessions: [session])])
    }

    private static func secret(_ form: FormParameters) -> Secret? {
        form[.secret].flatMap { Secret($0, for: .adminLink) }
    }

    private func signOut(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let form = try await request.formParameters()
        let occasion = context.occasion(at: portal.clock.now)
        guard SameOriginCheck.allows(request.headers, at: base.origin),
            let session = TenantCookies.administration.browser(request.headers).session,
            session.isValid(form[.csrf] ?? "", for: "admin/sign-out")
        else { return problem(.signedOut) }
        try await gatehouse.adminLink.signOut(session, on: occasion)
        return .seeOther(
            portal.link("/admin").target,
            cookies: [TenantCookies.administration.set(sessions: [])])
    }

    private func problem(_ problem: AdminProblemView.Problem) -> Response {
        .page(
            AdminProblemView(frame: portal.frame, problem: problem).document,
            status: .unauthorized)
    }
}

extension ParameterName {
    static let csrf = Self("csrf")
    fileprivate static let secret = Self("secret")
}
