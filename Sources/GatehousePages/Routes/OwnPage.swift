import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What the pages have in common that belong to whoever is signed in: forms with a token of their
/// own, a secret for a browser that has none, and the way to sign in first.
struct OwnPage: Sendable {
    /// Which of them it is; the tokens of its forms are made for no other.
    let page: Interaction.Page
    let gatehouse: Gatehouse
    let site: Site

    /// One look at the page.
    func visit(_ request: Request, _ context: TenantContext) -> Visit {
        let browser = site.browser(request, at: context.tenant)
        return Visit(
            page: page, site: site, context: context, browser: browser,
            secret: browser.secret ?? Secret(for: .browser))
    }

    /// Reads a form that the page sent from this browser.
    func sentForm(_ request: Request, _ context: TenantContext) async throws -> Sent {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let browser = site.browser(request, at: context.tenant)
        guard let secret = browser.secret, let token = form[.csrf],
            secret.isValid(token, for: page.rawValue)
        else { throw ForeignForm() }
        return Sent(form: form, browser: browser, secret: secret)
    }

    /// Leads a person to sign in before they see the page, or something below it; back to it if
    /// nobody can.
    func signIn(
        _ sent: Sent, below rest: String = "", _ context: TenantContext
    ) async throws -> Response {
        let place = OwnPlace(page, below: rest)
        let id = try await gatehouse.signIn.begin(
            toSee: place, at: context.tenant, through: context.issuer, in: sent.secret,
            on: context.occasion)
        let path = id.map { "\(InteractionPaths.signIn)/\($0.text)" } ?? place.path
        return .seeOther(site.link(path, at: context.issuer).target)
    }

    /// A form that came from the page.
    struct Sent: Sendable {
        let form: FormParameters
        let browser: Browser
        fileprivate let secret: Secret
    }

    /// One look at the page, by a browser that may have had no secret until now.
    struct Visit: Sendable {
        fileprivate let page: Interaction.Page
        let site: Site
        let context: TenantContext
        let browser: Browser
        fileprivate let secret: Secret

        /// What the page shows around its content, or something below the page.
        func frame(of account: LiveSession?, below rest: String = "") -> OwnPageFrame {
            OwnPageFrame(
                frame: site.frame(at: context), form: form(below: rest),
                account: account.map { AccountLabel($0.user) })
        }

        func form(
            below rest: String = "", carrying values: [(name: StaticString, value: String)] = []
        ) -> PostForm {
            PostForm(
                action: link(below: rest), csrf: secret.authenticationCode(for: page.rawValue),
                carrying: values)
        }

        func link(below rest: String = "") -> Link {
            site.link(OwnPlace(page, below: rest).path, at: context.issuer)
        }

        func answer(_ document: PageDocument, status: HTTPResponse.Status = .ok) -> Response {
            .page(
                document, status: status,
                cookies: browser.secret == nil
                    ? [site.cookies(of: context.tenant).set(browser: secret)] : [])
        }
    }
}
