import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page of what the members of an organization allowed applications in its name.
struct OrganizationApplicationsPage: Sendable {
    private let page: AdministeredPage

    init(gatehouse: Gatehouse, site: Site) {
        page = AdministeredPage(.applications, gatehouse: gatehouse, site: site)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        switch try await page.sent(request, context, by: [.revoke]) {
        case .answered(let response): return response
        case .nothing: return try await show(request, context)
        case .order(let order): return try await show(request, context, takeBack(order))
        }
    }

    private func takeBack(_ order: AdministeredPage.Order) async throws -> OrganizationNote? {
        guard let id = order.form[.consent].flatMap(Consent.ID.init(parsing:)) else {
            return .problem(.over)
        }
        let outcome = try await page.gatehouse.consents.revoke(
            id, in: order.organization, of: order.tenant.id, by: order.administrator,
            on: order.occasion)
        return switch outcome {
        case .revoked: .done(.consentTakenBack)
        case .notFound: .problem(.over)
        case .refused(let refusal): OrganizationNote(refusal)
        }
    }

    private func show(
        _ request: Request, _ context: TenantContext, _ note: OrganizationNote? = nil
    ) async throws -> Response {
        let look = page.look(request, context)
        let after = try request.queryParameters()[.after].flatMap(Consent.ID.init(parsing:))
        let sight = try await page.organizations.applications(
            in: look.slug, after: after, to: look.administrator, on: context.occasion)
        let resources = try await page.gatehouse.registry.resources(
            of: context.tenant.id, at: context.occasion.now)
        return look.answer(sight) { administration, found in
            let view = OrganizationApplicationsView(
                page: look.frame(administration, note),
                applications: found.rows.map { row in
                    .init(
                        application: .init(
                            row.allowed,
                            logo: page.site.logo(of: row.allowed.client, at: context.issuer),
                            resources: resources),
                        member: AccountLabel(row.user),
                        mayTakeBack: administration.rank.may(.consent(ofOwner: row.isOwners)))
                },
                more: look.link(after: found.next?.text))
            return look.answer(view.document, note)
        }
    }
}
