import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page that lists the organizations that somebody administers, and the first page of each: its
/// name, and who owns it.
struct OrganizationsPage: Sendable {
    private let page: AdministeredPage

    init(gatehouse: Gatehouse, site: Site) {
        page = AdministeredPage(.overview, gatehouse: gatehouse, site: site)
    }

    func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let look = page.look(request, context)
        return look.answer(
            listing: try await page.organizations.list(
                to: look.administrator, on: context.occasion))
    }

    func signIn(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await page.signIn(request, context)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        switch try await page.sent(request, context, by: [.rename]) {
        case .answered(let response): return response
        case .nothing: return try await show(request, context)
        case .order(let order):
            let typed = order.form[.name] ?? ""
            guard let name = DisplayName(parsing: typed) else {
                return try await show(request, context, .problem(.name), typed)
            }
            let change = try await page.gatehouse.organizations.rename(
                order.organization, to: name, in: order.tenant.id, by: order.administrator,
                on: order.occasion)
            let note: OrganizationNote? =
                switch change {
                case .changed: .done(.renamed)
                case .refused(let refusal): OrganizationNote(refusal)
                case .notFound, .taken, .outdated, .unfit: .problem(.over)
                }
            return try await show(request, context, note, typed)
        }
    }

    private func show(
        _ request: Request, _ context: TenantContext, _ note: OrganizationNote? = nil,
        _ typed: String? = nil
    ) async throws -> Response {
        let look = page.look(request, context)
        let sight = try await page.organizations.owners(
            of: look.slug, to: look.administrator, on: context.occasion)
        return look.answer(sight) { administration, owners in
            let organization = administration.organization
            let view = OrganizationOverviewView(
                page: look.frame(administration, note), id: organization.id.text,
                slug: organization.slug.text,
                publisher: organization.isVerifiedPublisher
                    ? .checked : organization.publisherName == nil ? .unchecked : .renamed,
                owners: owners.map {
                    .init(
                        $0,
                        link: look.link(
                            OrganizationPlace(
                                slug: organization.slug, part: .members, user: $0.user.id)))
                },
                typed: note?.isProblem == true ? typed : nil)
            return look.answer(view.document, note)
        }
    }
}
