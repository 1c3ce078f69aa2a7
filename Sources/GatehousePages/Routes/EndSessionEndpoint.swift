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
            frame: site.frame(at: context),
            outcome: accounts.first.flatMap { ended ? nil : .kept($0) }
                ?? (hadNone ? .noSession : .ended(remaining: accounts)),
            back: try await beginning(query[.client], context),
            returnRefused: query[.returning] != nil)
        return .page(view.document)
    }

    /// The way to sign in at a client again, if the client has a page that begins it (OpenID Connect
    /// Core §4).
    private func beginning(
        _ named: String?, _ context: TenantContext
    ) async throws -> NamedLink? {
        guard let id = named.flatMap(Client.ID.init(parsing:)),
            let (client, url) = try await gatehouse.signOut.beginning(
                id, at: context.tenant, through: context.issuer),
            let link = Link(proven: url)
        else { return nil }
        return NamedLink("Sign in to \(client.name.text) again", link)
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
            // A cookie is taken away only with its session: a form of another site comes without
            // cookies, and must not sign anyone out by that.
            let changed = farewell.hadSession ? [cookies.set(sessions: farewell.remaining)] : []
            guard farewell.frames.isEmpty else {
                return goodbye(farewell, context, cookies: changed)
            }
            let page = site.link(InteractionPaths.signedOut, at: context.issuer).target
            return .seeOther(
                farewell.destination?.url ?? page + farewell.query, cookies: changed)
        case .confirm(let confirmation):
            let view = ConfirmSignOutView(
                frame: site.frame(at: context),
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

extension EndSessionEndpoint {
    /// How many applications are told through the browser; the policy of the page names them all,
    /// and a header has to end somewhere.
    private static let mostFrames = 40

    /// The page that has the applications of the session sign the browser out, and then goes on.
    private func goodbye(
        _ farewell: SignOut.Farewell, _ context: TenantContext, cookies: [SetCookie?]
    ) -> Response {
        let frames = farewell.frames.prefix(Self.mostFrames)
        let view = SignedOutView(
            frame: site.frame(at: context), outcome: .ended(remaining: []),
            back: farewell.destination.map {
                NamedLink("Continue", Link(to: $0.uri, adding: $0.parameters))
            },
            returnRefused: farewell.isReturnRefused,
            frames: frames.compactMap { Link(proven: $0.url) })
        return .page(
            view.document, frames: frames.compactMap { FormTarget(origin: $0.uri.origin) },
            cookies: cookies)
    }
}

extension SignOut.Farewell {
    /// What the page at the end is told.
    fileprivate var query: String {
        "?session=\(hadSession ? "ended" : "none")"
            + (isReturnRefused ? "&return=refused" : "")
            + (client?.policies.initiateLoginURI == nil ? "" : "&client=\(client?.id.text ?? "")")
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
