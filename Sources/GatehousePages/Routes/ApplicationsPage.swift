import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person sees which applications may use their account, and takes that back.
///
/// It belongs to whoever is signed in; a stranger is sent to sign in first.
struct ApplicationsPage: Sendable {
    private let own: OwnPage

    init(gatehouse: Gatehouse, site: Site) {
        own = OwnPage(page: .applications, gatehouse: gatehouse, site: site)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context, news: nil)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        let sent = try await own.sentForm(request, context)
        guard let text = sent.form[.consent] else { return try await own.signIn(sent, context) }
        guard let id = Consent.ID(parsing: text),
            try await own.gatehouse.allowedApplications.takeBack(
                id, from: sent.browser, at: context.tenant, on: context.occasion)
        else { return try await show(request, context, news: .over) }
        return try await show(request, context, news: .takenBack)
    }

    private func show(
        _ request: Request, _ context: TenantContext, news: ApplicationsView.News?
    ) async throws -> Response {
        let visit = own.visit(request, context)
        let found = try await own.gatehouse.allowedApplications.list(
            from: visit.browser, at: context.tenant, on: context.occasion)
        let resources = try await own.gatehouse.registry.resources(
            of: context.tenant.id, at: context.occasion.now)
        let view = ApplicationsView(
            page: visit.frame(of: found?.current),
            applications: (found?.allowed ?? []).map {
                ApplicationsView.Application(
                    $0, logo: own.site.logo(of: $0.client, at: context.issuer),
                    resources: resources)
            },
            news: news)
        return visit.answer(view.document, status: news == .over ? .gone : .ok)
    }
}

extension ApplicationsView.Application {
    /// What a person allowed an application, in the words of the resources.
    init(
        _ allowed: AllowedApplications.Allowed, logo: LogoImage?, resources: Resources
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
    init(_ time: Timestamp) {
        let moment = CalendarTime(time)
        self.init(timestamp: moment.timestamp, words: moment.words)
    }
}

extension ParameterName {
    /// The consent that is taken back.
    static let consent = Self("consent")
}
