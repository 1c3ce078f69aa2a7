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
        let wish = try request.queryParameters()[.account].flatMap(AccountWish.init(rawValue:))
        if wish == nil || page.progress.current == nil {
            if page.progress.step == .finish {
                return try await answer(
                    gatehouse.signIn.finish(page.progress, on: context.occasion), page)
            }
            if page.progress.step == .chooseOrganization {
                return .seeOther(page.link(to: InteractionPaths.organization).target)
            }
            if page.progress.step == .askConsent {
                return .seeOther(page.link(to: InteractionPaths.consent).target)
            }
        }
        return show(page, wish)
    }

    /// What the query of the page may say about the account.
    private enum AccountWish: String {
        /// Sign in with one that is not signed in.
        case other
        /// Choose one of those that are.
        case choose
        /// The same, after the one that was chosen had ended.
        case ended
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        // What is named may be no session at all; that is not the same as naming none.
        let session = form[.session].flatMap(Session.ID.init(parsing:))
        switch form[.answer].flatMap(Answer.init(rawValue:)) {
        case .continueAs:
            let isThere = page.progress.accounts.contains { $0.session.id == session }
            if form.contains(.session), !isThere {
                return .seeOther(page.link(to: InteractionPaths.signIn, account: "ended").target)
            }
            return try await answer(
                gatehouse.signIn.choose(session, page.progress, on: context.occasion), page)
        case .signOut:
            let outcome = try await gatehouse.signIn.signOut(
                of: session, page.progress, on: context.occasion)
            guard case .proceed(let secrets) = outcome else { return page.proceed(nil) }
            return .seeOther(
                page.link(to: InteractionPaths.signIn, account: "choose").target,
                cookies: site.cookies(of: context.tenant).set(secrets))
        case .anotherAccount:
            return .seeOther(page.link(to: InteractionPaths.signIn, account: "other").target)
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
            return site.answer(
                delivery, at: page.context,
                cookies: site.cookies(of: page.context.tenant).set(signedIn))
        case .limited(let exceeded):
            page.context.logger.info(
                "refused", metadata: ["limit": .string(exceeded.name.rawValue)])
            let problem = SignInView.Problem.tooOften(
                retryAfter: exceeded.retryAfter, isKnownDevice: exceeded.name == .passwordDevice)
            return show(page, identifier: identifier, problem: problem)
                .retryable(after: exceeded.retryAfter)
        case .refused:
            return show(page, identifier: identifier, problem: .mismatch)
        case .barred:
            return show(page, identifier: identifier, problem: .notMember)
        case .proceed(let secrets):
            return page.proceed(secrets)
        case .taken, .registrationClosed, .addressIsManaged:
            return page.proceed(nil)
        }
    }

    private func show(
        _ page: InteractionPage, _ wish: AccountWish? = nil, identifier: String? = nil,
        problem: SignInView.Problem? = nil
    ) -> Response {
        let isChoosing = page.progress.step == .chooseAccount || wish == .choose || wish == .ended
        if isChoosing, wish != .other, problem == nil, let current = page.progress.current {
            return choice(page, among: page.progress.accounts, wish, orOnly: current)
        }
        let asksAnother = wish != nil
        let view = SignInView(
            frame: page.frame, form: page.form(to: InteractionPaths.signIn),
            application: page.awaitedApplication,
            subject: subject(page, asksAnother: asksAnother, identifier: identifier),
            createAccount: page.context.tenant.registrationIsOpen
                ? page.link(to: InteractionPaths.createAccount) : nil,
            note: note(page), problem: problem)
        return .page(
            view.document, status: problem.map(\.status) ?? .ok, formTargets: page.formTargets)
    }

    /// The page that offers the accounts that are signed in, or the only one.
    private func choice(
        _ page: InteractionPage, among accounts: [LiveSession], _ wish: AccountWish?,
        orOnly current: LiveSession
    ) -> Response {
        guard accounts.count > 1 else {
            return .page(
                ContinueAsView(
                    frame: page.frame, form: page.form(to: InteractionPaths.signIn),
                    application: page.awaitedApplication, account: AccountLabel(current.user)
                ).document, formTargets: page.formTargets)
        }
        let preselected = [current] + accounts.filter { $0.session.id != current.session.id }
        let view = ChooseAccountView(
            frame: page.frame, application: page.awaitedApplication,
            accounts: preselected.map { account in
                .init(
                    account: AccountLabel(account.user),
                    form: page.form(
                        to: InteractionPaths.signIn,
                        carrying: [(ParameterName.session.text, account.session.id.text)]))
            },
            other: page.form(to: InteractionPaths.signIn), isStale: wish == .ended)
        return .page(view.document, formTargets: page.formTargets)
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
        case .authenticate(.tooOldForOrganization): .organizationAsked
        case .authenticate(.someoneElse), .chooseAccount, .chooseOrganization, .askConsent,
            .finish:
            page.progress.current.map { .adds(AccountLabel($0.user)) }
        case .authenticate(.nobody): nil
        }
    }
}

extension SignInView.Problem {
    /// A form that is shown again is no success, whoever counts.
    var status: HTTPResponse.Status {
        switch self {
        case .mismatch: .unauthorized
        case .notMember: .forbidden
        case .incomplete: .unprocessableContent
        case .busy: .serviceUnavailable
        case .tooOften: .tooManyRequests
        }
    }
}

extension SignInStep {
    /// True if whoever is signed in is asked for proof once more.
    fileprivate var confirmsCurrent: Bool {
        switch self {
        case .authenticate(.freshProof), .authenticate(.otherProof),
            .authenticate(.tooOldForOrganization):
            true
        case .authenticate(.nobody), .authenticate(.someoneElse), .chooseAccount,
            .chooseOrganization, .askConsent, .finish:
            false
        }
    }
}
