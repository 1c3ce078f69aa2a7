import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What the pages have in common on which members administer an organization.
///
/// Whoever does not administer it gets the same answer as for one that does not exist, whatever
/// they send.
struct AdministeredPage: Sendable {
    let part: OrganizationPart
    private let own: OwnPage

    init(_ part: OrganizationPart, gatehouse: Gatehouse, site: Site) {
        self.part = part
        own = OwnPage(page: .organizations, gatehouse: gatehouse, site: site)
    }

    var gatehouse: Gatehouse { own.gatehouse }
    var site: Site { own.site }
    var organizations: AdministeredOrganizations { gatehouse.administeredOrganizations }

    /// One look at a page.
    struct Look: Sendable {
        fileprivate let part: OrganizationPart
        fileprivate let visit: OwnPage.Visit
        /// The page; nil if no organization can be called as the path says.
        let place: OrganizationPlace?
        let administrator: AdministratorVisit

        var slug: Slug? { place?.slug }
        var now: Timestamp { visit.context.occasion.now }
    }

    func look(_ request: Request, _ context: TenantContext) -> Look {
        let visit = own.visit(request, context)
        return Look(
            part: part, visit: visit, place: place(context),
            administrator: AdministratorVisit(from: visit.browser, at: context.tenant))
    }

    private func place(_ context: TenantContext) -> OrganizationPlace? {
        guard let slug = context.parameters.get("slug").flatMap(Slug.init(parsing:)) else {
            return nil
        }
        let user = context.parameters.get("user").flatMap(User.ID.init(parsing:))
        return OrganizationPlace(slug: slug, part: part, user: user)
    }

    /// Something that a form of the page asks for.
    struct Order: Sendable {
        let change: OrganizationButton
        let form: FormParameters
        /// The one of the path; whether whoever sent the form administers it is asked with the change.
        let organization: Organization.ID
        /// Whom the page was shown to.
        let account: User.ID
        let administrator: AdministratorVisit
        let tenant: Tenant
        let occasion: Occasion

        var actor: OrganizationActor { .administrator(administrator) }
    }

    /// What came of reading a form.
    enum Sent: Sendable {
        case order(Order)
        /// There is nothing to do but to answer.
        case answered(Response)
        /// There is no such organization.
        case nothing
    }

    /// Reads a form that the page sent from this browser, by one of its buttons.
    ///
    /// One with no button pressed asks to sign in. Whether there is such an organization is looked up
    /// last: nothing that is refused before tells.
    func sent(
        _ request: Request, _ context: TenantContext, by buttons: [OrganizationButton] = []
    ) async throws -> Sent {
        let sent = try await own.sentForm(request, context)
        guard sent.form.contains(.change) else {
            let rest = place(context)?.path ?? ""
            return .answered(try await own.signIn(sent, below: rest, context))
        }
        guard let change = sent.form[.change].flatMap(OrganizationButton.init(rawValue:)),
            buttons.contains(change),
            let account = sent.form[.account].flatMap(User.ID.init(parsing:))
        else { throw ForeignForm() }
        guard let slug = place(context)?.slug,
            let found = try await gatehouse.organizations.find(slug, in: context.tenant.id)
        else { return .nothing }
        return .order(
            Order(
                change: change, form: sent.form, organization: found.id, account: account,
                administrator: AdministratorVisit(
                    from: sent.browser, at: context.tenant, as: account),
                tenant: context.tenant, occasion: context.occasion))
    }
}

extension AdministeredPage {
    /// Reads the only form of a page that changes nothing: the one that leads to signing in.
    func signIn(_ request: Request, _ context: TenantContext) async throws -> Response {
        guard case .answered(let response) = try await sent(request, context) else {
            throw ForeignForm()
        }
        return response
    }
}

extension AdministeredPage.Look {
    /// Goes on with what somebody sees who administers the organization, and answers all others.
    func answer<Content: Sendable>(
        _ sight: AdministeredOrganizations.Sight<Content>,
        _ seen: (OrganizationAdministration, Content) throws -> Response
    ) rethrows -> Response {
        switch sight {
        case .stranger: stranger
        case .unknown(let current): unknown(current)
        case .seen(let administration, let content): try seen(administration, content)
        }
    }

    private var stranger: Response {
        visit.answer(
            visit.frame(of: nil, below: place?.path ?? "").document(
                .init(
                    title: "Manage an organization",
                    lede: "For the owners and admins of organizations.",
                    signIn: "Sign in to go on."),
                tone: .plain, news: nil, content: ""))
    }

    private func unknown(_ current: LiveSession) -> Response {
        let view = UnknownOrganizationView(
            page: visit.frame(of: current, below: place?.path ?? ""), all: visit.link())
        return visit.answer(view.document, status: .notFound)
    }

    /// What stands around the content of the page.
    func frame(
        _ administration: OrganizationAdministration, _ note: OrganizationNote?
    ) -> OrganizationFrame {
        let slug = administration.organization.slug
        let path = place?.path ?? ""
        let account = administration.current.user.id.text
        return OrganizationFrame(
            frame: visit.site.frame(at: visit.context), part: part,
            organization: administration.organization.name.text,
            account: AccountLabel(administration.current.user),
            isOwner: administration.rank == .owner,
            links: OrganizationPart.allCases.map {
                .init(part: $0, link: link(OrganizationPlace(slug: slug, part: $0)))
            },
            all: visit.link(),
            form: visit.form(below: path, carrying: [(ParameterName.account.text, account)]),
            signIn: visit.form(below: path), isFresh: administration.isFresh(at: now), note: note)
    }

    func link(_ place: OrganizationPlace) -> Link { visit.link(below: place.path) }

    /// The way to the rows of the page after one of them.
    func link(after id: String?, searching text: String? = nil) -> Link? {
        guard let id, let place else { return nil }
        let query = FormParameters(
            (text.map { [(ParameterName.search.text.description, $0)] } ?? [])
                + [(ParameterName.after.text.description, id)])
        return Link(path: visit.link(below: place.path).target + "?" + query.encoded)
    }

    /// The page, with what the note says or else the status.
    func answer(
        _ document: PageDocument, _ note: OrganizationNote?, status: HTTPResponse.Status = .ok
    ) -> Response {
        visit.answer(document, status: note?.status ?? status)
    }

    /// The page of all organizations that somebody administers.
    func answer(
        listing found: (current: LiveSession, memberships: [CurrentMembership])?
    ) -> Response {
        let view = OrganizationsView(
            page: visit.frame(of: found?.current),
            organizations: (found?.memberships ?? []).map {
                .init(
                    name: $0.organizationName, isOwner: $0.rank == .owner,
                    link: link(OrganizationPlace(slug: $0.slug, part: .overview)))
            })
        return visit.answer(view.document)
    }
}

extension OrganizationNote {
    /// A page that says that nothing was done is no success.
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .done: .ok
        case .problem(let problem):
            switch problem {
            case .stale, .ownersOnly, .notTheirsToGive: .forbidden
            case .address, .name, .title, .resources, .scopes, .days, .noRole, .tooManyRoles:
                .unprocessableContent
            case .tooOften: .tooManyRequests
            case .over: .gone
            case .anotherAccount, .outdated, .lastOwner, .invited, .memberAlready, .tooMany:
                .conflict
            }
        }
    }

    /// Why nothing was done; nil where the page itself says that there is nothing.
    init?(_ refusal: AdministrationRefusal) {
        switch refusal {
        case .noAdministrator: return nil
        case .anotherAccount: self = .problem(.anotherAccount)
        case .stale: self = .problem(.stale)
        case .ownersOnly: self = .problem(.ownersOnly)
        case .notTheirsToGive: self = .problem(.notTheirsToGive)
        }
    }
}

extension ParameterName {
    /// Which button was pressed.
    static let change = Self("change")
    static let search = Self("search")
    /// The row after which the page begins.
    static let after = Self("after")
}
