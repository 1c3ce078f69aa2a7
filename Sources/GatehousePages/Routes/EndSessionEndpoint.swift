import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0 §2) and the page that asks
/// before it ends anything that the request does not prove to be its own.
struct EndSessionEndpoint: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await begin(EndSessionRequest(request.queryParameters()), request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        if let redirect = site.redirectToBringCookies(
            request, form, to: Endpoint.endSession.path, at: context.issuer)
        {
            return redirect
        }
        return try await begin(EndSessionRequest(form), request, context)
    }

    /// Takes the person's answer.
    func confirm(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let browser = site.browser(request, at: context.tenant)
        if form[.answer].flatMap(Answer.init(rawValue:)) == .staySignedIn {
            return .seeOther(site.link(InteractionPaths.signedOut, at: context.issuer).target)
        }
        let outcome = try await gatehouse.signOut.confirm(
            EndSessionRequest(form), formToken: form[.csrf] ?? "", at: context.tenant,
            through: context.issuer, from: browser, on: context.occasion)
        guard let outcome else { throw ForeignForm() }
        return answer(outcome, context)
    }

    /// The page at the end, where no client waits for the browser.
    func signedOut(_ request: Request, _ context: TenantContext) async throws -> Response {
        let accounts = try await gatehouse.signOut.accounts(
            in: site.browser(request, at: context.tenant), at: context.tenant,
            on: context.occasion
        ).map { AccountLabel($0.user) }
        // What the query says changes words on this page, and nothing else.
        let query = try request.queryParameters()
        let ended = query[.session]?.utf8.elementsEqual("ended".utf8) ?? false
        let hadNone = query[.session]?.utf8.elementsEqual("none".utf8) ?? false
        let view = SignedOutView(
            frame: site.frame(of: context.tenant),
            outcome: accounts.first.flatMap { ended ? nil : .kept($0) }
                ?? (hadNone ? .noSession : .ended(remaining: accounts)),
            returnRefused: query[.returning] != nil)
        return .page(view.document)
    }

    private func begin(
        _ endSession: EndSessionRequest, _ request: Request, _ context: TenantContext
    ) async throws -> Response {
        let outcome = try await gatehouse.signOut.begin(
            endSession, at: context.tenant, through: context.issuer,
            from: site.browser(request, at: context.tenant), on: context.occasion)
        return answer(outcome, context)
    }

    private func answer(_ outcome: SignOut.Outcome, _ context: TenantContext) -> Response {
        let cookies = site.cookies(of: context.tenant)
        switch outcome {
        case .signedOut(let farewell):
            let page = site.link(InteractionPaths.signedOut, at: context.issuer).target
            let query =
                "?session=\(farewell.hadSession ? "ended" : "none")"
                + (farewell.isReturnRefused ? "&return=refused" : "")
            // A cookie is taken away only with its session: a form of another site comes without
            // cookies, and must not sign anyone out by that.
            return .seeOther(
                farewell.destination ?? page + query,
                cookies: farewell.hadSession ? [cookies.set(sessions: farewell.remaining)] : [])
        case .confirm(let confirmation):
            let view = ConfirmSignOutView(
                frame: site.frame(of: context.tenant),
                form: PostForm(
                    action: site.link(InteractionPaths.signOut, at: context.issuer),
                    csrf: confirmation.formToken, carrying: confirmation.request.parameters),
                accounts: confirmation.users.map(AccountLabel.init),
                application: confirmation.client.map {
                    ApplicationLabel($0, at: confirmation.target)
                })
            return .page(
                view.document,
                formTargets: confirmation.target
                    .flatMap { FormTarget(origin: $0.formTarget) }.map { [$0] } ?? [],
                cookies: [cookies.set(browser: confirmation.browser)])
        }
    }
}

extension ApplicationLabel {
    /// Names a client that may have nowhere registered to go back to.
    fileprivate init(_ client: Client, at target: RedirectURI?) {
        if let address = target ?? client.redirectURIs.first {
            self.init(client, answeredAt: address)
        } else {
            self.init(name: client.name.text, destination: .thisComputer)
        }
    }
}
