import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2), by GET or POST.
struct AuthorizationEndpoint: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await answer(request.queryParameters(), request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        if let redirect = site.redirectToBringCookies(
            request, form, to: Endpoint.authorization.path, at: context.issuer)
        {
            return redirect
        }
        return try await answer(form, request, context)
    }

    private func answer(
        _ form: FormParameters, _ request: Request, _ context: TenantContext
    ) async throws -> Response {
        let sent = site.browser(request, at: context.tenant)
        let outcome = try await gatehouse.authorize.begin(
            form, at: context.tenant, through: context.issuer, from: sent, on: context.occasion)
        switch outcome {
        case .answered(let delivery):
            return site.answer(delivery, at: context)
        case .interact(let interaction, let browser):
            let page =
                interaction.request.prompt == .create && context.tenant.registrationIsOpen
                ? InteractionPaths.createAccount : InteractionPaths.signIn
            return .seeOther(
                site.link("\(page)/\(interaction.id.text)", at: context.issuer).target,
                cookies: cookies(for: interaction.id, browser, wasNew: sent.secret == nil, context))
        case .refused(let refusal):
            context.logger.info("refused", metadata: ["rule": .string(refusal.rule.rawValue)])
            return page(for: refusal, context)
        }
    }

    private func cookies(
        for id: Interaction.ID, _ browser: Secret, wasNew: Bool, _ context: TenantContext
    ) -> [SetCookie?] {
        guard wasNew else { return [] }
        let cookies = site.cookies(of: context.tenant)
        return [cookies.set(browser: browser), cookies.set(browser: browser, for: id)]
    }

    private func page(
        for refusal: Authorize.Refusal, _ context: TenantContext
    ) -> Response {
        var developer: ErrorView.Developer?
        if context.tenant.explainsErrors {
            developer = ErrorView.Developer(
                code: OAuthError.Code.invalidRequest.rawValue, rule: refusal.rule.rawValue,
                reference: refusal.rule == .unusableRequestURI
                    ? "RFC 9126 §4" : "RFC 6749 §4.1.2.1",
                comparison: refusal.sent.map {
                    ErrorView.Comparison(
                        parameter: "redirect_uri", sent: $0, registered: refusal.registered)
                })
        }
        return .page(
            ErrorView(
                frame: site.frame(at: context), explanation: refusal.rule.explanation,
                incident: Incident(context.occasion), developer: developer
            ).document, status: .badRequest)
    }
}

extension Authorize.Refusal.Rule {
    fileprivate var explanation: ErrorView.Explanation {
        switch self {
        case .noClientID, .repeatedClientID, .unknownClient: .unknownApplication
        case .ownerAway: .ownerAway
        case .unusableRequestURI: .requestOver
        case .unusableRequestObject: .unreadableRequest
        case .noRedirectURI, .repeatedRedirectURI, .unregisteredRedirectURI: .unknownRedirect
        }
    }
}
