package import GatehouseCore
package import GatehouseProtocol
package import GatehouseWeb
import HTTPTypes
package import Hummingbird
import Logging

/// The administration of the whole installation: the way in by a one-time link, and an overview.
package struct Administration: Sendable {
    /// What the overview says about this process.
    package struct Facts: Sendable {
        package let version: String
        package let database: String
        package let startedAt: Timestamp

        package init(version: String, database: String, startedAt: Timestamp) {
            self.version = version
            self.database = database
            self.startedAt = startedAt
        }
    }

    let gatehouse: Gatehouse
    let base: BaseURL
    let assets: StaticAssets
    let clock: Clock
    let facts: Facts

    package init(
        gatehouse: Gatehouse, base: BaseURL, assets: StaticAssets, clock: Clock, facts: Facts
    ) {
        self.gatehouse = gatehouse
        self.base = base
        self.assets = assets
        self.clock = clock
        self.facts = facts
    }

    /// The address that an operator clicks.
    ///
    /// The secret is in the query, which is never logged.
    package static func address(of secret: Secret, base: BaseURL) -> String {
        "\(base.text)/admin/link?secret=\(secret.revealed)"
    }

    package func addRoutes(to router: RouterGroup<EdgeContext>) {
        let router = router.group().add(middleware: ShedLoad(gatehouse: gatehouse))
        router.get("admin", use: overview)
        router.get("admin/link", use: showLink)
        router.post("admin/link", use: useLink)
        router.post("admin/sign-out", use: signOut)
    }

    private var frame: PageFrame {
        PageFrame(siteName: "Gatehouse", stylesheet: assets.stylesheet, icon: assets.icon)
    }

    private func link(_ path: String) -> Link { Link(path: base.path + path) ?? "/" }

    // MARK: The link

    private func showLink(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let now = clock.now
        guard let secret = try Self.secret(request.queryParameters()),
            let remaining = try await gatehouse.adminLink.remainingLifetime(of: secret, at: now)
        else { return problem(.linkSpent) }
        let form = PostForm(
            action: link("/admin/link"), csrf: secret.authenticationCode(for: "admin/link"),
            carrying: [(ParameterName.secret.text, secret.revealed)])
        return .page(
            AdminLinkView(
                frame: frame, form: form, remaining: Wait.words(Int(remaining.seconds))
            ).document)
    }

    private func useLink(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let form = try await request.formParameters()
        guard SameOriginCheck.allows(request.headers, at: base.origin),
            let secret = Self.secret(form),
            secret.isValid(form[.csrf] ?? "", for: "admin/link"),
            let session = try await gatehouse.adminLink.use(
                secret, on: context.occasion(at: clock.now))
        else { return problem(.linkSpent) }
        return .seeOther(
            link("/admin").target, cookies: [TenantCookies.administration.set(sessions: [session])])
    }

    private static func secret(_ form: FormParameters) -> Secret? {
        form[.secret].flatMap { Secret($0, for: .adminLink) }
    }

    // MARK: Inside

    private func overview(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let session = TenantCookies.administration.browser(request.headers).session
        guard let session,
            let overview = try await Overview.read(
                gatehouse.database, for: session, at: clock.now)
        else { return problem(.signedOut) }
        let view = AdminOverviewView(
            frame: frame,
            instance: .init(
                version: facts.version, database: facts.database,
                started: CalendarTime(facts.startedAt).words),
            tenants: overview.lines.map { $0.row(base) }, events: overview.events.map(Self.row),
            signOut: PostForm(
                action: link("/admin/sign-out"),
                csrf: session.authenticationCode(for: "admin/sign-out")))
        return .page(view.document)
    }

    private func signOut(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let form = try await request.formParameters()
        let occasion = context.occasion(at: clock.now)
        guard SameOriginCheck.allows(request.headers, at: base.origin),
            let session = TenantCookies.administration.browser(request.headers).session,
            session.isValid(form[.csrf] ?? "", for: "admin/sign-out")
        else { return problem(.signedOut) }
        try await gatehouse.adminLink.signOut(session, on: occasion)
        return .seeOther(
            link("/admin").target, cookies: [TenantCookies.administration.set(sessions: [])])
    }

    private func problem(_ problem: AdminProblemView.Problem) -> Response {
        .page(AdminProblemView(frame: frame, problem: problem).document, status: .unauthorized)
    }

    private static func row(
        _ entry: (tenant: Tenant?, event: RecordedEvent)
    ) -> AdminOverviewView.EventRow {
        .init(
            time: CalendarTime(entry.event.occurredAt).timestamp, tenant: entry.tenant?.slug.text,
            type: entry.event.kind, actor: entry.event.actor, subject: entry.event.subject)
    }
}

extension Overview.Line {
    fileprivate func row(_ base: BaseURL) -> AdminOverviewView.TenantRow {
        .init(
            name: tenant.name, slug: tenant.slug.text,
            issuer: Issuer(base: base, slug: tenant.slug.text).text, users: Int(users),
            clients: Int(clients), isActive: tenant.disabledAt == nil)
    }
}

extension ParameterName {
    fileprivate static let csrf = Self("csrf")
    fileprivate static let secret = Self("secret")
}
