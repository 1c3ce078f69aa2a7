import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person lets a device in or keeps it out (RFC 8628 §3.3, with the precautions
/// of the Security Best Current Practice for Cross-Device Flows), and what came of it.
struct DeviceDecisionPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        return show(page, try await authorization(of: page))
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        let answer: DecideDeviceAuthorization.Answer? =
            switch form[.answer].flatMap(Answer.init(rawValue:)) {
            case .allow: .allow
            case .deny: .deny
            default: nil
            }
        if let answer, let authorization = try await authorization(of: page) {
            try await gatehouse.decideDeviceAuthorization.decide(
                answer, authorization, page.progress, on: context.occasion)
        }
        return .seeOther(page.link(to: Endpoint.deviceVerification.path).target)
    }

    private func authorization(of page: InteractionPage) async throws -> DeviceAuthorization? {
        guard page.visit.interaction.device != nil else { throw SignIn.Lost.lost }
        return try await gatehouse.decideDeviceAuthorization.authorization(of: page.visit)
    }

    private func show(
        _ page: InteractionPage, _ authorization: DeviceAuthorization?
    ) -> Response {
        let occasion = page.context.occasion
        guard page.visit.interaction.finishedAt == nil, let authorization,
            authorization.isPending(at: occasion.now)
        else { return showResult(page, authorization?.decision) }
        guard page.progress.step == .finish, let current = page.progress.current else {
            return .seeOther(page.link(to: InteractionPaths.signIn).target)
        }
        let view = AllowDeviceView(
            frame: page.frame, form: page.form(to: Endpoint.deviceVerification.path),
            application: page.application, account: AccountLabel(current.user),
            scope: authorization.scope.values,
            beginning: AllowDeviceView.Beginning(authorization, seen: occasion))
        return .page(view.document)
    }

    private func showResult(
        _ page: InteractionPage, _ decision: Decision?
    ) -> Response {
        // Only the browser that answered is told what the answer was.
        let isAnswered = page.visit.interaction.finishedAt != nil
        let outcome: DeviceResultView.Outcome =
            switch decision {
            case .allowed where isAnswered: .allowed
            case .denied where isAnswered: .denied
            default: .over
            }
        let view = DeviceResultView(
            frame: page.frame, application: page.application, outcome: outcome,
            again: site.link(Endpoint.deviceVerification.path, at: page.context.issuer))
        return .page(view.document, status: outcome == .over ? .gone : .ok)
    }
}

extension AllowDeviceView.Beginning {
    /// When and where a device began, seen from a request.
    fileprivate init(_ authorization: DeviceAuthorization, seen occasion: Occasion) {
        let moment = CalendarTime(authorization.createdAt)
        let passed = occasion.now.seconds - authorization.createdAt.seconds
        self.init(
            address: authorization.address,
            isSameNetwork: authorization.isFromNetwork(of: occasion),
            ago: Wait.words(Int(clamping: passed)), timestamp: moment.timestamp,
            time: moment.words)
    }
}
