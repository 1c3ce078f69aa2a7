import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import Hummingbird

/// The paths of the pages that a person is led through.
enum InteractionPaths {
    static let signIn = "/sign-in"
    static let createAccount = "/create-account"
    static let consent = "/consent"
    static let organization = "/organization"
    static let signOut = "/sign-out"
    static let signedOut = "/signed-out"
    /// Where logos are, each by its id.
    static let logos = "/logos"
}

/// One interaction on one page: found again, with the form that goes on with it.
struct InteractionPage: Sendable {
    let progress: SignIn.Progress
    let site: Site
    let context: TenantContext

    init(
        _ request: Request, _ context: TenantContext, gatehouse: Gatehouse, site: Site
    ) async throws {
        guard
            let id = context.parameters.get("interaction").flatMap(Interaction.ID.init(parsing:))
        else { throw SignIn.Lost.lost }
        progress = try await gatehouse.signIn.resume(
            id, at: context.tenant, from: site.browser(request, at: context.tenant, for: id),
            on: context.occasion)
        self.site = site
        self.context = context
        gatehouse.publishedLogos.fetch(
            of: progress.visit.client, at: context.tenant.id, through: context.issuer,
            on: context.occasion)
    }

    var visit: Visit { progress.visit }
    var frame: PageFrame { site.frame(at: context) }

    /// The client, and where its answer goes.
    var application: ApplicationLabel {
        var label = unadornedApplication
        label.logo = site.logo(of: visit.client, at: context.issuer)
        return label
    }

    /// The client, if it is the one that the person goes on to; nil where that is a page of ours.
    var awaitedApplication: ApplicationLabel? {
        visit.interaction.page == nil ? application : nil
    }

    private var unadornedApplication: ApplicationLabel {
        guard visit.interaction.device == nil else {
            return ApplicationLabel(
                name: visit.client.name.text, destination: .anotherDevice,
                introduction: ApplicationLabel.Introduction(visit.client))
        }
        return ApplicationLabel(visit.client, answeredAt: visit.interaction.target.redirectURI)
    }

    /// Where forms of this page may end: the answer to the client is the last redirect.
    var formTargets: [FormTarget] {
        FormTarget(origin: visit.interaction.target.redirectURI.formTarget).map { [$0] } ?? []
    }

    /// The way to the client's own front page, where it has one.
    var wayBack: NamedLink? {
        guard visit.interaction.device == nil else { return nil }
        return Link(proven: visit.interaction.target.redirectURI.formTarget + "/").map {
            NamedLink("Go to \(visit.client.name.text)", $0)
        }
    }

    func link(to page: String) -> Link {
        site.link("\(page)/\(visit.interaction.id.text)", at: context.issuer)
    }

    /// The way to a page that begins with another account than the one the visit goes on with:
    /// `other` to sign in, `choose` to see which there are.
    func link(to page: String, account: StaticString) -> Link {
        Link(path: link(to: page).target + "?account=\(account)") ?? link(to: page)
    }

    func form(
        to page: String, carrying values: [(name: StaticString, value: String)] = []
    ) -> PostForm {
        PostForm(
            action: link(to: page), csrf: visit.interaction.formToken(for: visit.browser),
            carrying: values)
    }

    /// Goes on to the page that is due, which the first page of the interaction knows.
    func proceed(_ secrets: SignIn.SignedIn?) -> Response {
        .seeOther(
            link(to: InteractionPaths.signIn).target,
            cookies: site.cookies(of: context.tenant).set(secrets))
    }

    /// Refuses a form that was not shown to this browser for this interaction.
    func require(_ form: FormParameters) throws(ForeignForm) {
        guard let token = form[.csrf],
            visit.interaction.isValid(formToken: token, from: visit.browser)
        else { throw ForeignForm() }
    }
}

extension ParameterName {
    static let csrf = Self("csrf")
    static let answer = Self("answer")
    static let identifier = Self("identifier")
    static let password = Self("password")
    static let email = Self("email")
    static let name = Self("name")
    static let account = Self("account")
    static let session = Self("session")
    static let authentication = Self("authentication")
    static let returning = Self("return")
    static let question = Self("question")
    static let client = Self("client")
    static let chosenOrganization = Self("chosen_organization")
}
