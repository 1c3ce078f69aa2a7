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
    private let own: OwnPage

    init(gatehouse: Gatehouse, site: Site) {
        own = OwnPage(page: .approvals, gatehouse: gatehouse, site: site)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context, news: nil)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        let sent = try await own.sentForm(request, context)
        guard let answer = sent.form[.answer].flatMap(Answer.init(rawValue:)) else {
            return try await own.signIn(sent, context)
        }
        let decision: DecideBackchannelAuthentication.Answer? =
            switch answer {
            case .allow: .allow
            case .deny: .deny
            default: nil
            }
        guard let decision,
            let id = sent.form[.authentication].flatMap(BackchannelAuthentication.ID.init(parsing:))
        else { throw ForeignForm() }
        let isDecided = try await own.gatehouse.decideBackchannelAuthentication.decide(
            .init(decision, to: id), from: sent.browser, at: context.tenant,
            through: context.issuer, on: context.occasion)
        guard isDecided else { return try await show(request, context, news: .over) }
        return try await show(request, context, news: decision == .allow ? .allowed : .denied)
    }

    private func show(
        _ request: Request, _ context: TenantContext, news: ApprovalsView.News?
    ) async throws -> Response {
        let visit = own.visit(request, context)
        let found = try await own.gatehouse.decideBackchannelAuthentication.questions(
            from: visit.browser, at: context.tenant, through: context.issuer, on: context.occasion)
        let now = context.occasion.now
        let view = ApprovalsView(
            page: visit.frame(of: found?.current),
            questions: (found?.questions ?? []).map { ApprovalsView.Question($0, at: now) },
            news: news)
        return visit.answer(view.document, status: news == .over ? .gone : .ok)
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
