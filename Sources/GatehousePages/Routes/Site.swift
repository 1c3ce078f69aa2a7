import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What every hosted page of a tenant needs: its frame, its paths, its cookies.
struct Site: Sendable {
    let assets: StaticAssets

    func frame(at context: TenantContext) -> PageFrame {
        PageFrame(of: context.tenant, at: context.issuer, assets: assets)
    }

    /// The frame of a page about which nobody knows whose it is.
    var namelessFrame: PageFrame {
        PageFrame(siteName: "Gatehouse", stylesheet: assets.stylesheet, icon: assets.icon)
    }

    /// A path below the issuer that the request came through.
    ///
    /// The parts are literals and identifiers, so the link is always one.
    func link(_ path: String, at issuer: Issuer) -> Link {
        Link(path: issuer.path + path) ?? "/"
    }

    /// The logo of a client, if it has one.
    func logo(of client: Client, at issuer: Issuer) -> LogoImage? {
        logo(client.shownLogos, at: issuer)
    }

    /// The images of some logos, if there are any.
    func logo(_ logos: Logos?, at issuer: Issuer) -> LogoImage? {
        logos.map { LogoImage($0, at: issuer) }
    }

    func cookies(of tenant: Tenant) -> TenantCookies {
        TenantCookies(of: tenant.slug)
    }

    /// What the browser proves at the tenant, for an interaction if one is named.
    func browser(
        _ request: Request, at tenant: Tenant, for interaction: Interaction.ID? = nil
    ) -> Browser {
        cookies(of: tenant).browser(request.headers, for: interaction?.text)
    }

    /// Has the browser ask again by GET, where a form of another site came by POST.
    ///
    /// A browser keeps its cookies back from such a form, and sends them with the redirect that
    /// follows (SameSite=Lax): without them nobody would seem to be signed in. Nil where there is
    /// no need, or where the form is longer than every part of the way surely takes.
    func redirectToBringCookies(
        _ request: Request, _ form: FormParameters, to path: String, at issuer: Issuer
    ) -> Response? {
        let query = form.encoded
        guard request.isForm(notOf: String(issuer.origin)), query.utf8.count <= 4_096 else {
            return nil
        }
        return .seeOther("\(link(path, at: issuer).target)?\(query)")
    }

    /// Refuses a form that another site sent (ASVS 3.5.1).
    func requireSameOrigin(_ request: Request, at issuer: Issuer) throws(ForeignForm) {
        guard SameOriginCheck.allows(request.headers, at: String(issuer.origin)) else {
            throw ForeignForm()
        }
    }
}

/// A form that did not come from the page that we showed to this browser.
struct ForeignForm: Error {}

extension ApplicationLabel {
    /// Names a client together with where its answer goes.
    init(_ client: Client, answeredAt redirectURI: RedirectURI) {
        let destination: Destination
        if let address = WebAddress(parsing: redirectURI.text) {
            destination =
                address.isLoopback
                ? .thisComputer
                : .web(host: address.host + (address.port.map { ":\($0)" } ?? ""))
        } else {
            destination = .installed(scheme: redirectURI.formTarget)
        }
        self.init(
            name: client.name.text, destination: destination, introduction: Introduction(client))
    }
}

extension ApplicationLabel.Introduction {
    /// What there is to know of a client besides its name.
    init(_ client: Client) {
        let description = client.registration.description
        self.init(
            unverifiedHost: client.registration.origin.unverifiedHost,
            policy: description.policy.flatMap(Link.init(proven:)),
            terms: description.terms.flatMap(Link.init(proven:)))
    }
}

extension AccountLabel {
    init(_ user: User) {
        self.init(
            name: user.name?.text,
            signInName: user.email?.text ?? user.username?.text ?? user.id.text)
    }
}
