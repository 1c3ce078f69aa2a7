import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The page on which a stranger gets an account, and is signed in with it.
struct CreateAccountPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        guard context.tenant.registrationIsOpen else { return closed(page) }
        return show(page)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        let account = AccountForm(
            email: form[.email] ?? "", name: form[.name] ?? "", password: form[.password] ?? "")
        let typed = CreateAccountView.Typed(email: account.email, name: account.name)
        do {
            let outcome = try await gatehouse.signIn.createAccount(
                account, page.progress, on: context.occasion)
            return answer(outcome, page, typed)
        } catch let problems as AccountForm.Problems {
            return show(page, typed, CreateAccountView.Problems(problems))
        } catch is PasswordHasher.Busy {
            return show(page, typed, .init(form: .busy(retryAfter: 2)), status: .serviceUnavailable)
                .retryable(after: 2)
        }
    }

    private func answer(
        _ outcome: SignIn.Outcome, _ page: InteractionPage, _ typed: CreateAccountView.Typed
    ) -> Response {
        switch outcome {
        case .answered(let delivery, let signedIn):
            return site.answer(
                delivery, at: page.context,
                cookies: site.cookies(of: page.context.tenant).set(signedIn))
        case .limited(let exceeded):
            page.context.logger.info(
                "refused", metadata: ["limit": .string(exceeded.name.rawValue)])
            return show(
                page, typed, .init(form: .tooOften(retryAfter: exceeded.retryAfter)),
                status: .tooManyRequests
            ).retryable(after: exceeded.retryAfter)
        case .taken, .refused, .barred:
            return show(page, typed, .init(form: .refused))
        case .addressIsManaged:
            return show(page, typed, .init(email: .managed))
        case .registrationClosed:
            return closed(page)
        case .proceed(let secrets):
            return page.proceed(secrets)
        }
    }

    private func closed(_ page: InteractionPage) -> Response {
        .page(
            RegistrationClosedView(
                frame: page.frame, signIn: page.link(to: InteractionPaths.signIn)
            ).document, status: .forbidden)
    }

    private func show(
        _ page: InteractionPage, _ typed: CreateAccountView.Typed = .init(),
        _ problems: CreateAccountView.Problems = .init(), status: HTTPResponse.Status? = nil
    ) -> Response {
        let view = CreateAccountView(
            frame: page.frame, form: page.form(to: InteractionPaths.createAccount),
            application: page.awaitedApplication, signIn: page.link(to: InteractionPaths.signIn),
            typed: typed, problems: problems)
        return .page(
            view.document,
            status: status ?? (problems == .init() ? .ok : .unprocessableContent),
            formTargets: page.formTargets)
    }
}

extension CreateAccountView.Problems {
    /// Says what the domain found, in the words of the page.
    init(_ problems: AccountForm.Problems) {
        self.init()
        email = problems.email.map {
            switch $0 {
            case .missing: .missing
            case .malformed: .malformed
            }
        }
        name = problems.nameIsUnusable ? .malformed : nil
        password = problems.password.map { refusal in
            switch refusal {
            case .tooShort: .tooShort
            case .tooLong: .tooLong
            default: .guessable(hint: refusal.rawValue)
            }
        }
    }
}
