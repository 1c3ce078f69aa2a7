import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page of the API keys of an organization, and of its members in it.
struct OrganizationKeysPage: Sendable {
    private let page: AdministeredPage

    init(gatehouse: Gatehouse, site: Site) {
        page = AdministeredPage(.keys, gatehouse: gatehouse, site: site)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        switch try await page.sent(request, context, by: [.create, .revoke]) {
        case .answered(let response): return response
        case .nothing: return try await show(request, context)
        case .order(let order) where order.change == .revoke:
            return try await show(request, context, revoke(order))
        case .order(let order):
            let (note, made) = try await create(order)
            return try await show(request, context, note, order.form, made)
        }
    }

    private func revoke(_ order: AdministeredPage.Order) async throws -> OrganizationNote? {
        guard let id = order.form[.key].flatMap(APIKey.ID.init(parsing:)) else {
            return .problem(.over)
        }
        let outcome = try await page.gatehouse.apiKeys(by: order.actor).revoke(
            id, of: order.organization, in: order.tenant.id, on: order.occasion)
        return switch outcome {
        case .revoked: .done(.keyRevoked)
        case .notFound: .problem(.over)
        case .refused(let refusal): OrganizationNote(refusal)
        }
    }

    /// Makes a key of the organization; its secret is shown on the answer, and never again.
    private func create(
        _ order: AdministeredPage.Order
    ) async throws -> (OrganizationNote?, OrganizationKeysView.Made?) {
        let values: Values
        do throws(Values.Wrong) {
            values = try Values(order.form)
        } catch {
            return (.problem(error.problem), nil)
        }
        let now = order.occasion.now
        let outcome = try await page.gatehouse.apiKeys(by: order.actor).create(
            in: order.tenant.id, on: order.occasion
        ) { secret in
            APIKey(
                secret, called: values.name, of: .organization(order.organization),
                for: values.resources, scopes: values.scopes, networks: [],
                expiresAt: values.days.map { now + .days($0) }, at: now)
        }
        return switch outcome {
        case .made(let key, let secret): (nil, .init(name: key.name.text, secret: secret.revealed))
        case .tooMany: (.problem(.tooMany), nil)
        case .noResource: (.problem(.resources), nil)
        case .refused(let refusal): (OrganizationNote(refusal), nil)
        case .gone: (.problem(.over), nil)
        }
    }

    /// What a form says of a new key.
    private struct Values: Sendable {
        let name: DisplayName
        let resources: [String]
        let scopes: MembershipScopes
        let days: Int64?

        struct Wrong: Error {
            let problem: OrganizationNote.Problem
        }

        init(_ form: FormParameters) throws(Wrong) {
            guard let name = DisplayName(parsing: form[.name] ?? "") else {
                throw Wrong(problem: .name)
            }
            self.name = name
            resources = form.values(of: .resource)
            guard (1...APIKey.mostAudience).contains(resources.count) else {
                throw Wrong(problem: .resources)
            }
            let texts = (form[.scopes] ?? "").split(separator: " ").map(String.init)
            guard let scopes = MembershipScopes(parsing: texts), scopes.arePermissions else {
                throw Wrong(problem: .scopes)
            }
            self.scopes = scopes
            guard let text = form[.days] else {
                days = nil
                return
            }
            guard let days = Int64(text), (1...3_650).contains(days) else {
                throw Wrong(problem: .days)
            }
            self.days = days
        }
    }

    private func show(
        _ request: Request, _ context: TenantContext, _ note: OrganizationNote? = nil,
        _ form: FormParameters? = nil, _ made: OrganizationKeysView.Made? = nil
    ) async throws -> Response {
        let look = page.look(request, context)
        let after = try request.queryParameters()[.after].flatMap(APIKey.ID.init(parsing:))
        let sight = try await page.organizations.keys(
            of: look.slug, after: after, to: look.administrator, on: context.occasion)
        return look.answer(sight) { administration, found in
            let typed = note?.isProblem == true ? form : nil
            let wanted = Set(typed?.values(of: .resource) ?? [])
            let view = OrganizationKeysView(
                page: look.frame(administration, note), made: made,
                keys: found.list.rows.map { .init($0, administration.rank) },
                more: look.link(after: found.list.next?.text),
                typed: .init(
                    name: typed?[.name] ?? "", scopes: typed?[.scopes] ?? "",
                    days: typed?[.days] ?? "",
                    resources: found.resources.map {
                        .init(
                            value: $0.indicator.text, words: $0.name.text, hint: $0.indicator.text,
                            isTicked: wanted.contains($0.indicator.text))
                    }))
            return look.answer(view.document, note)
        }
    }
}

extension OrganizationKeysView.Row {
    /// A key, for somebody of a rank.
    fileprivate init(_ row: AdministeredOrganizations.Key, _ rank: OrganizationRank) {
        let key = row.key
        self.init(
            id: key.id.text, name: key.name.text, beginning: key.beginning,
            member: row.user.map(AccountLabel.init), scopes: key.scopes.texts,
            made: ApplicationsView.Moment(key.createdAt),
            until: key.expiresAt.map(ApplicationsView.Moment.init),
            lastUse: key.lastUsedAt.map(ApplicationsView.Moment.init),
            mayRevoke: rank.may(.apiKey(ofOwner: row.isOwners)))
    }
}

extension ParameterName {
    fileprivate static let key = Self("key")
    fileprivate static let scopes = Self("scopes")
    fileprivate static let days = Self("days")
}
