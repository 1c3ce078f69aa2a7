import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The page to which the letter of an invitation leads, and those on which a person gets there as
/// whom it is for.
///
/// Looking at it changes nothing, whoever looks: a scanner of mail, too. Every wrong link gets the
/// same answer.
struct InvitationPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    static let signInPath = "/sign-in"
    static let createAccountPath = "/create-account"

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        guard let visit = try await visit(request, context, try request.queryParameters()) else {
            return unknown(context)
        }
        return show(visit)
    }

    func getCreateAccount(_ request: Request, _ context: TenantContext) async throws -> Response {
        guard let visit = try await visit(request, context, try request.queryParameters()) else {
            return unknown(context)
        }
        guard visit.view.isPending else { return .seeOther(visit.link().target) }
        return createAccount(visit)
    }

    /// Accepts the invitation, as the account that the page showed.
    func accept(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await sentForm(request, context)
        guard let visit = try await visit(request, context, form) else { return unknown(context) }
        let outcome = try await gatehouse.answerInvitation.accept(
            .init(visit.secret, in: form[.session].flatMap(Session.ID.init(parsing:))),
            from: site.browser(request, at: context.tenant), at: context.tenant,
            through: context.issuer, on: context.occasion)
        switch outcome {
        case .joined, .over, .notTheirs: return .seeOther(visit.link().target)
        case .unknown: return unknown(context)
        case .memberAlready: return result(.memberAlready, visit, status: .conflict)
        case .roleGone: return result(.roleGone, visit, status: .conflict)
        }
    }

    /// Signs the person in whom the invitation is for.
    func signIn(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await sentForm(request, context)
        guard let visit = try await visit(request, context, form) else { return unknown(context) }
        guard let password = form[.password], !password.isEmpty else {
            return signIn(visit, .incomplete)
        }
        do {
            let entry = try await gatehouse.answerInvitation.signIn(
                password: password, visit.view, at: context.tenant,
                on: context.occasion)
            switch entry {
            case .entered(let secrets): return proceed(visit, secrets)
            case .refused, .taken: return signIn(visit, .mismatch)
            case .over: return .seeOther(visit.link().target)
            case .limited(let exceeded):
                context.logger.info(
                    "refused", metadata: ["limit": .string(exceeded.name.rawValue)])
                let problem = SignInView.Problem.tooOften(
                    retryAfter: exceeded.retryAfter,
                    isKnownDevice: exceeded.name == .passwordDevice)
                return signIn(visit, problem).retryable(after: exceeded.retryAfter)
            }
        } catch is PasswordHasher.Busy {
            return signIn(visit, .busy(retryAfter: 2)).retryable(after: 2)
        }
    }

    /// Makes an account for the person whom the invitation is for.
    func createAccount(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await sentForm(request, context)
        guard let visit = try await visit(request, context, form) else { return unknown(context) }
        let name = form[.name] ?? ""
        do {
            let entry = try await gatehouse.answerInvitation.createAccount(
                name: name, password: form[.password] ?? "", visit.view,
                at: context.tenant, on: context.occasion)
            switch entry {
            case .entered(let secrets): return proceed(visit, secrets)
            case .refused, .taken: return createAccount(visit, name, .init(form: .refused))
            case .over: return .seeOther(visit.link().target)
            case .limited(let exceeded):
                context.logger.info(
                    "refused", metadata: ["limit": .string(exceeded.name.rawValue)])
                return createAccount(
                    visit, name, .init(form: .tooOften(retryAfter: exceeded.retryAfter)),
                    status: .tooManyRequests
                ).retryable(after: exceeded.retryAfter)
            }
        } catch let problems as AccountForm.Problems {
            return createAccount(visit, name, CreateAccountView.Problems(problems))
        } catch is PasswordHasher.Busy {
            return createAccount(
                visit, name, .init(form: .busy(retryAfter: 2)), status: .serviceUnavailable
            ).retryable(after: 2)
        }
    }
}

extension InvitationPage {
    /// What the tokens of its forms are made for.
    private static let form = "invitation"

    /// One invitation in one browser.
    private struct Visit {
        let secret: Secret
        let view: AnswerInvitation.View
        let browser: Secret
        /// True if the browser has its secret for the first time.
        let isNew: Bool
        let site: Site
        let context: TenantContext

        func link(to page: String = "") -> Link {
            let path = "\(Endpoint.invitation.path)\(page)"
            let name = ParameterName.invitationToken.text
            return site.link("\(path)?\(name)=\(secret.revealed)", at: context.issuer)
        }

        func form(
            to page: String = "", carrying values: [(name: StaticString, value: String)] = []
        ) -> PostForm {
            PostForm(
                action: site.link("\(Endpoint.invitation.path)\(page)", at: context.issuer),
                csrf: browser.authenticationCode(for: InvitationPage.form),
                carrying: [(ParameterName.invitationToken.text, secret.revealed)] + values)
        }

        var label: InvitationLabel {
            InvitationLabel(
                organization: view.organization.name.text,
                inviter: view.invitation.inviter?.text, address: view.invitation.email.text,
                logo: site.logo(view.organization.logos, at: context.issuer))
        }

        var cookies: [SetCookie?] {
            isNew ? [site.cookies(of: context.tenant).set(browser: browser)] : []
        }
    }

    /// Reads a form that our page sent from this browser.
    private func sentForm(
        _ request: Request, _ context: TenantContext
    ) async throws -> FormParameters {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        guard let secret = site.browser(request, at: context.tenant).secret,
            let token = form[.csrf], secret.isValid(token, for: Self.form)
        else { throw ForeignForm() }
        return form
    }

    private func visit(
        _ request: Request, _ context: TenantContext, _ parameters: FormParameters
    ) async throws -> Visit? {
        let browser = site.browser(request, at: context.tenant)
        guard let secret = parameters[.invitationToken].flatMap({ Secret($0, for: .invitation) }),
            let view = try await gatehouse.answerInvitation.view(
                secret, from: browser, at: context.tenant, through: context.issuer,
                on: context.occasion)
        else { return nil }
        return Visit(
            secret: secret, view: view, browser: browser.secret ?? Secret(for: .browser),
            isNew: browser.secret == nil, site: site, context: context)
    }

    // MARK: Answers

    private func unknown(_ context: TenantContext) -> Response {
        .page(
            InvitationResultView(
                frame: site.frame(at: context), invitation: nil, outcome: .unknown
            ).document, status: .notFound)
    }

    private func result(
        _ outcome: InvitationResultView.Outcome, _ visit: Visit, status: HTTPResponse.Status
    ) -> Response {
        .page(
            InvitationResultView(
                frame: site.frame(at: visit.context), invitation: visit.label,
                outcome: outcome
            ).document, status: status)
    }

    private func show(_ visit: Visit) -> Response {
        let view = visit.view
        switch view.state {
        case .accepted where view.isOurs: return result(.joined, visit, status: .ok)
        case .accepted: return result(.used, visit, status: .gone)
        case .revoked: return result(.revoked, visit, status: .gone)
        case .expired: return result(.expired, visit, status: .gone)
        case .pending: break
        }
        guard view.isOpen else { return result(.away, visit, status: .conflict) }
        guard let account = view.account else { return signIn(visit, nil) }
        return page(
            visit,
            .accept(
                visit.form(carrying: [(ParameterName.session.text, account.session.id.text)]),
                as: AccountLabel(account.user)))
    }

    private func signIn(_ visit: Visit, _ problem: SignInView.Problem?) -> Response {
        let key = visit.view.invitation.email.key
        let note: InvitationView.Note? =
            if let own = visit.view.accounts.first(where: { $0.user.email?.key == key }) {
                .unconfirmed(AccountLabel(own.user))
            } else {
                visit.view.accounts.first.map { .someoneElse(AccountLabel($0.user)) }
            }
        return page(
            visit,
            .signIn(
                visit.form(to: Self.signInPath),
                createAccount: visit.link(to: Self.createAccountPath),
                note: note, problem: problem),
            status: problem?.status ?? .ok)
    }

    private func page(
        _ visit: Visit, _ step: InvitationView.Step, status: HTTPResponse.Status = .ok
    ) -> Response {
        .page(
            InvitationView(
                frame: site.frame(at: visit.context), invitation: visit.label, step: step
            ).document, status: status, cookies: visit.cookies)
    }

    private func createAccount(
        _ visit: Visit, _ name: String = "", _ problems: CreateAccountView.Problems = .init(),
        status: HTTPResponse.Status? = nil
    ) -> Response {
        var view = CreateAccountView(
            frame: site.frame(at: visit.context),
            form: visit.form(to: Self.createAccountPath),
            application: nil, signIn: visit.link(),
            typed: .init(email: visit.view.invitation.email.text, name: name), problems: problems)
        view.invitation = visit.label
        return .page(
            view.document, status: status ?? (problems == .init() ? .ok : .unprocessableContent),
            cookies: visit.cookies)
    }

    private func proceed(_ visit: Visit, _ secrets: SignIn.SignedIn) -> Response {
        .seeOther(
            visit.link().target, cookies: site.cookies(of: visit.context.tenant).set(secrets))
    }
}
