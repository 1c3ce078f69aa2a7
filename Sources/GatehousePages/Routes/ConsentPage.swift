import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person allows a client what it asks for, or denies it.
struct ConsentPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        guard page.visit.interaction.finishedAt == nil, page.progress.step == .askConsent,
            let question = page.progress.question, let current = page.progress.current,
            let token = page.progress.questionToken
        else { return .seeOther(page.link(to: InteractionPaths.signIn).target) }
        let resources = try await gatehouse.registry.resources(
            of: context.tenant.id, at: context.occasion.now)
        let others: StaticString = page.progress.accounts.count > 1 ? "choose" : "other"
        let publisher = try await gatehouse.organizations.publisher(
            of: page.visit.client, in: context.tenant.id)
        let form = page.form(
            to: InteractionPaths.consent, carrying: [(ParameterName.question.text, token)])
        let view = ConsentView(
            frame: page.frame, form: form, application: page.application,
            publisher: publisher.map {
                .init(
                    name: $0.name.text, isVerified: $0.isVerifiedPublisher,
                    logo: site.logo($0.logos, at: context.issuer))
            },
            account: AccountLabel(current.user),
            otherAccount: page.link(to: InteractionPaths.signIn, account: others),
            organization: page.organization,
            question: .init(
                question, resources: resources,
                organizations: try await toldOrganizations(page, of: current.user.id)),
            applications: site.link(Endpoint.applications.path, at: context.issuer))
        return .page(view.document, formTargets: page.formTargets)
    }

    /// What the client learns of the person's organizations; nil if it learns of the one that is
    /// selected, or of none.
    private func toldOrganizations(
        _ page: InteractionPage, of user: User.ID
    ) async throws -> ConsentView.ToldOrganizations? {
        guard case .notNeeded = page.progress.organization else { return nil }
        let told = try await gatehouse.organizations.told(
            of: user, to: page.visit.client, in: page.context.tenant.id)
        return told.map(ConsentView.ToldOrganizations.init)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        let answer: SignIn.ConsentAnswer
        switch form[.answer].flatMap(Answer.init(rawValue:)) {
        case .allow: answer = .allow(ticked: Set(form.values(of: .scope)))
        case .deny: answer = .deny
        default: return .seeOther(page.link(to: InteractionPaths.consent).target)
        }
        let outcome = try await gatehouse.signIn.answer(
            answer, to: form[.question] ?? "", page.progress, on: context.occasion)
        guard case .answered(let delivery, _) = outcome else {
            return .seeOther(page.link(to: InteractionPaths.consent).target)
        }
        return site.answer(delivery, at: context)
    }
}

extension InteractionPage {
    /// The organization in which the person would allow it, and the way to another one.
    fileprivate var organization: ConsentView.Organization? {
        guard case .selected(let membership, _) = progress.organization else { return nil }
        return ConsentView.Organization(
            name: membership.organizationName,
            others: progress.mayChooseOrganization ? link(to: InteractionPaths.organization) : nil,
            logo: site.logo(membership.organizationLogos, at: context.issuer))
    }
}

extension ConsentView.ToldOrganizations {
    fileprivate init(_ told: ToldOrganizations) {
        self =
            switch told {
            case .all: .all
            case .named(let names): .named(names)
            }
    }
}

extension ConsentView.Question {
    /// What is asked, in the words of the resources.
    fileprivate init(
        _ question: ConsentQuestion, resources: Resources,
        organizations: ConsentView.ToldOrganizations?
    ) {
        self.init(
            groups: question.parts.map {
                ConsentView.Group($0, resource: resources[$0.resource])
            },
            details: question.details.map { detail in
                .init(
                    detail,
                    as: resources.detailsType(detail.type, in: question.parts.map(\.resource))?
                        .description.text)
            }, organizations: organizations, isAddition: question.isAddition,
            mayChoose: question.mayChoose)
    }
}

extension ConsentView.Group {
    /// One part of what an application asks for or was allowed, in the words of its resource.
    init(_ part: ConsentPart, resource: Resource?) {
        let descriptions = Dictionary(
            (resource?.scopes ?? []).map { ($0.value, $0.description.text) },
            uniquingKeysWith: { first, _ in first })
        self.init(
            resource: part.resource.isEmpty
                ? nil : .init(name: resource?.name.text, identifier: part.resource),
            items: part.scope.values.map {
                ConsentView.Item(value: $0, description: descriptions[$0])
            })
    }
}

extension ConsentView.Detail {
    /// A detail in words: its members, the common ones first.
    fileprivate init(_ detail: AuthorizationDetail, as description: String?) {
        let known = [
            ("actions", "Actions"), ("identifier", "Identifier"), ("locations", "Where"),
            ("datatypes", "Data"), ("privileges", "Privileges"),
        ]
        let common = known.compactMap { name, words in
            detail[name].map { ConsentView.Fact(name: words, value: $0.words) }
        }
        let others = detail.members.filter { member in !known.contains { $0.0 == member.name } }
        self.init(
            description: description ?? detail.type,
            facts: common + others.map { .init(name: $0.name, value: $0.value.words) })
    }
}

extension JSONValue {
    /// The value for a person: a text as it is, a list with commas, and the rest as JSON.
    fileprivate var words: String {
        switch self {
        case .string(let text): text
        case .array(let values): values.map(\.words).joined(separator: ", ")
        case .object(let object):
            object.members.map { "\($0.name): \($0.value.words)" }.joined(separator: "; ")
        case .null, .bool, .integer, .number: String(decoding: serialized(), as: UTF8.self)
        }
    }
}
