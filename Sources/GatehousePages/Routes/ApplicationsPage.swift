import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person sees which applications may use their account, and takes that back.
///
/// It belongs to whoever is signed in; a stranger is sent to sign in first.
struct ApplicationsPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context, news: nil)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let browser = site.browser(request, at: context.tenant)
        guard let secret = browser.secret, let token = form[.csrf],
            secret.isValid(token, for: Self.form)
        else { throw ForeignForm() }
        guard let text = form[.consent] else {
            return try await site.signIn(toSee: .applications, in: secret, gatehouse, context)
        }
        guard let id = Consent.ID(parsing: text),
            try await gatehouse.allowedApplications.takeBack(
                id, from: browser, at: context.tenant, on: context.occasion)
        else { return try await show(request, context, news: .over) }
        return try await show(request, context, news: .takenBack)
    }

    /// What the tokens of its forms are made for.
    private static let form = "applications"

    private func show(
        _ request: Request, _ context: TenantContext, news: ApplicationsView.News?
    ) async throws -> Response {
        let browser = site.browser(request, at: context.tenant)
        let secret = browser.secret ?? Secret(for: .browser)
        let found = try await gatehouse.allowedApplications.list(
            from: browser, at: context.tenant, on: context.occasion)
        let resources = try await gatehouse.registry.resources(
            of: context.tenant.id, at: context.occasion.now)
        let form = PostForm(
            action: site.link(Endpoint.applications.path, at: context.issuer),
            csrf: secret.authenticationCode(for: Self.form))
        let view = ApplicationsView(
            frame: site.frame(of: context.tenant), form: form,
            account: found.map { AccountLabel($0.current.user) },
            applications: (found?.allowed ?? []).map {
                ApplicationsView.Application(
                    $0, logo: site.logo(of: $0.client, at: context.issuer), resources: resources)
            },
            news: news)
        return .page(
            view.document, status: news == .over ? .gone : .ok,
            cookies: browser.secret == nil
                ? [site.cookies(of: context.tenant).set(browser: secret)] : [])
    }
}

extension ApplicationsView.Application {
    /// What a person allowed an application, in the words of the resources.
    fileprivate init(
        _ allowed: AllowedApplications.Allowed, logo: ApplicationLabel.Logo?, resources: Resources
    ) {
        self.init(
            consent: allowed.consent.id.text, name: allowed.client.name.text,
            host: allowed.client.registration.origin.unverifiedHost, logo: logo,
            organization: allowed.organization?.name.text,
            groups: allowed.consent.parts.map {
                ConsentView.Group($0, resource: resources[$0.resource])
            },
            since: ApplicationsView.Moment(allowed.consent.createdAt),
            lastUse: allowed.lastUsedAt.map(ApplicationsView.Moment.init))
    }
}

extension ApplicationsView.Moment {
    fileprivate init(_ time: Timestamp) {
        let moment = CalendarTime(time)
        self.init(timestamp: moment.timestamp, words: moment.words)
    }
}

extension ParameterName {
    /// The consent that is taken back.
    fileprivate static let consent = Self("consent")
}
