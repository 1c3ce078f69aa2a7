import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The page of one interaction: it asks for what is needed next, takes one answer at a time, and
/// sends the browser on when nothing is left to ask.
struct SignInPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        if page.visit.interaction.finishedAt != nil {
            if page.visit.interaction.device != nil {
                return .seeOther(page.link(to: Endpoint.deviceVerification.path).target)
            }
            // The browser went back to a page that is over. The client has had its answer, so
            // another one would only surprise it.
            return .page(
                SignInFinishedView(
                    frame: page.frame, application: page.application, back: page.wayBack
                ).document)
        }
        if page.progress.step == .finish {
            return try await answer(
                gatehouse.signIn.finish(page.progress, on: context.occasion), page)
        }
        let asksAnother = try request.queryParameters()[.account] != nil
        return show(page, asksAnother: asksAnother)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        switch form[.answer].flatMap(Answer.init(rawValue:)) {
        case .continueAs:
            return try await answer(
                gatehouse.signIn.continueAsCurrent(page.progress, on: context.occasion), page)
        case .anotherAccount:
            return .seeOther(page.link(to: InteractionPaths.signIn).target + "?account=other")
        default:
            return try await signIn(form, page)
        }
    }

    private func signIn(_ form: FormParameters, _ page: InteractionPage) async throws -> Response {
        let identifier = form[.identifier] ?? ""
        guard let password = form[.password], !identifier.isEmpty else {
            return show(page, identifier: identifier, problem: .incomplete)
        }
        do {
            let outcome = try await gatehouse.signIn.signIn(
                name: identifier, password: password, page.progress, on: page.context.occasion)
            return try await answer(outcome, page, identifier: identifier)
        } catch is PasswordHasher.Busy {
            return show(page, identifier: identifier, problem: .busy(retryAfter: 2))
                .retryable(after: 2)
        }
    }

    private func answer(
        _ outcome: SignIn.Outcome, _ page: InteractionPage, identifier: String = ""
    ) async throws -> Response {
        switch outcome {
        case .answered(let delivery, let signedIn):
            let tenant = page.context.tenant
            return site.answer(
                delivery, at: tenant, cookies: site.cookies(of: tenant).set(signedIn))
        case .limited(let exceeded):
            page.context.logger.info(
                "refused", metadata: ["limit": .string(exceeded.name.rawValue)])
            let problem = SignInView.Problem.tooOften(
                retryAfter: exceeded.retryAfter, isKnownDevice: exceeded.name == .passwordDevice)
            return show(page, identifier: identifier, problem: problem)
                .retryable(after: exceeded.retryAfter)
        case .refused:
            return show(page, identifier: identifier, problem: .mismatch)
        case .proceed, .taken, .registrationClosed:
            return .seeOther(page.link(to: InteractionPaths.signIn).target)
        }
    }

    private func show(
        _ page: InteractionPage, asksAnother: Bool = false, identifier: String? = nil,
        problem: SignInView.Problem? = nil
    ) -> Response {
        if page.progress.step == .chooseAccount, !asksAnother, problem == nil,
            let current = page.progress.current
        {
            return .page(
                ContinueAsView(
                    frame: page.frame, form: page.form(to: InteractionPaths.signIn),
                    application: page.application, account: AccountLabel(current.user)
                ).document, formTargets: page.formTargets)
        }
        let view = SignInView(
            frame: page.frame, form: page.form(to: InteractionPaths.signIn),
            application: page.application,
            subject: subject(page, asksAnother: asksAnother, identifier: identifier),
            createAccount: page.context.tenant.registrationIsOpen
                ? page.link(to: InteractionPaths.createAccount) : nil,
            note: note(page), problem: problem)
        return .page(
            view.document, status: problem.map(\.status) ?? .ok, formTargets: page.formTargets)
    }

    /// Whom the page asks: the person the browser knows, where the client wants fresh proof.
    private func subject(
        _ page: InteractionPage, asksAnother: Bool, identifier: String?
    ) -> SignInView.Subject {
        if page.progress.step.confirmsCurrent, !asksAnother,
            let current = page.progress.current
        {
            let account = AccountLabel(current.user)
            if identifier == nil || identifier == account.signInName { return .known(account) }
        }
        return .anyone(identifier: identifier ?? page.visit.interaction.request.loginHint ?? "")
    }

    private func note(_ page: InteractionPage) -> SignInView.Note? {
        switch page.progress.step {
        case .authenticate(.freshProof):
            page.visit.interaction.request.maxAge == nil ? .applicationAsked : .lastSignInTooOld
        case .authenticate(.otherProof): .applicationAsked
        case .authenticate(.someoneElse), .chooseAccount:
            page.progress.current.map { .replaces(AccountLabel($0.user)) }
        default: nil
        }
    }
}

extension SignInView.Problem {
    /// A form that is shown again is no success, whoever counts.
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .mismatch: .unauthorized
        case .incomplete: .unprocessableContent
        case .busy: .serviceUnavailable
        case .tooOften: .tooManyRequests
        }
    }
}

extension SignInStep {
    /// True if whoever is signed in is asked for proof once more.
    fileprivate var confirmsCurrent: Bool {
        self == .authenticate(.freshProof) || self == .authenticate(.otherProof)
    }
}
