import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The page on which a person types the code that a device shows (RFC 8628 §3.3).
///
/// An address with the code in it fills in the field, and no more: the person still sends it.
struct UserCodePage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let sent = try request.queryParameters()[.userCode]
        let code = sent.flatMap(UserCode.init(parsing:))
        let known = site.browser(request, at: context.tenant).secret
        let browser = known ?? Secret(for: .browser)
        var view = view(of: context, for: browser, typed: code?.shown ?? "")
        view.isFromLink = code != nil
        return .page(
            view.document,
            cookies: known == nil ? [site.cookies(of: context.tenant).set(browser: browser)] : [])
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let browser = site.browser(request, at: context.tenant)
        guard let secret = browser.secret, let token = form[.csrf],
            EnterUserCode.isValid(formToken: token, from: secret)
        else { throw ForeignForm() }
        guard let typed = form[.userCode] else {
            return show(view(of: context, for: secret, typed: ""), .missing)
        }
        let outcome = try await gatehouse.enterUserCode.enter(
            typed, at: context.tenant, through: context.issuer, from: browser,
            on: context.occasion)
        let view = view(of: context, for: secret, typed: typed)
        switch outcome {
        case .found(let id):
            return .seeOther(
                site.link(
                    "\(Endpoint.deviceVerification.path)/\(id.text)", at: context.issuer
                ).target)
        case .unknown:
            return show(view, .unknown)
        case .limited(let exceeded):
            context.logger.info("refused", metadata: ["limit": .string(exceeded.name.rawValue)])
            return show(view, .tooOften(retryAfter: exceeded.retryAfter))
                .retryable(after: exceeded.retryAfter)
        }
    }

    private func view(
        of context: TenantContext, for browser: Secret, typed: String
    ) -> EnterUserCodeView {
        EnterUserCodeView(
            frame: site.frame(at: context),
            form: PostForm(
                action: site.link(Endpoint.deviceVerification.path, at: context.issuer),
                csrf: EnterUserCode.formToken(for: browser)),
            typed: typed)
    }

    private func show(
        _ view: EnterUserCodeView, _ problem: EnterUserCodeView.Problem
    ) -> Response {
        var view = view
        view.problem = problem
        return .page(view.document, status: problem.status)
    }
}

extension EnterUserCodeView.Problem {
    /// A form that is shown again is no success, whoever counts.
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .missing, .unknown: .unprocessableContent
        case .tooOften: .tooManyRequests
        }
    }
}
