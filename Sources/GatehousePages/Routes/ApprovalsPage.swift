import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person finds what clients ask of them from elsewhere, and answers it
/// (OpenID Connect CIBA Core §8).
///
/// It belongs to whoever is signed in; a stranger is sent to sign in first.
struct ApprovalsPage: Sendable {
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
        guard let answer = form[.answer].flatMap(Answer.init(rawValue:)) else {
            return try await site.signIn(toSee: .approvals, in: secret, gatehouse, context)
        }
        let decision: DecideBackchannelAuthentication.Answer? =
            switch answer {
            case .allow: .allow
            case .deny: .deny
            default: nil
            }
        guard let decision,
            let id = form[.authentication].flatMap(BackchannelAuthentication.ID.init(parsing:))
        else { throw ForeignForm() }
        let isDecided = try await gatehouse.decideBackchannelAuthentication.decide(
            .init(decision, to: id), from: browser, at: context.tenant, through: context.issuer,
            on: context.occasion)
        guard isDecided else { return try await show(request, context, news: .over) }
        return try await show(request, context, news: decision == .allow ? .allowed : .denied)
    }

    /// What the tokens of its forms are made for.
    private static let form = "approvals"

    private func show(
        _ request: Request, _ context: TenantContext, news: ApprovalsView.News?
    ) async throws -> Response {
        let browser = site.browser(request, at: context.tenant)
        let secret = browser.secret ?? Secret(for: .browser)
        let found = try await gatehouse.decideBackchannelAuthentication.questions(
            from: browser, at: context.tenant, through: context.issuer, on: context.occasion)
        let form = PostForm(
            action: site.link(Endpoint.approvals.path, at: context.issuer),
            csrf: secret.authenticationCode(for: Self.form))
        let now = context.occasion.now
        let view = ApprovalsView(
            frame: site.frame(of: context.tenant), form: form,
            account: found.map { AccountLabel($0.current.user) },
            questions: (found?.questions ?? []).map { ApprovalsView.Question($0, at: now) },
            news: news)
        return .page(
            view.document, status: news == .over ? .gone : .ok,
            cookies: browser.secret == nil
                ? [site.cookies(of: context.tenant).set(browser: secret)] : [])
    }
}

extension ApprovalsView.Question {
    /// What a client asks, seen at a moment.
    fileprivate init(_ question: DecideBackchannelAuthentication.Question, at now: Timestamp) {
        let authentication = question.authentication
        let moment = CalendarTime(authentication.createdAt)
        let passed = now.seconds - authentication.createdAt.seconds
        self.init(
            id: authentication.id.text, application: question.client.name.text,
            message: authentication.bindingMessage?.text, scope: authentication.scope.values,
            ago: Wait.words(Int(clamping: passed)), timestamp: moment.timestamp,
            time: moment.words)
    }
}
