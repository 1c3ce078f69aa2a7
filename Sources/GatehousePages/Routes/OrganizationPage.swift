import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page on which a person chooses the organization that they go on in.
struct OrganizationPage: Sendable {
    let gatehouse: Gatehouse
    let site: Site

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        guard page.progress.mayChooseOrganization, let current = page.progress.current else {
            return .seeOther(page.link(to: InteractionPaths.signIn).target)
        }
        let others: StaticString = page.progress.accounts.count > 1 ? "choose" : "other"
        let view = ChooseOrganizationView(
            frame: page.frame, form: page.form(to: InteractionPaths.organization),
            application: page.application, account: AccountLabel(current.user),
            otherAccount: page.link(to: InteractionPaths.signIn, account: others),
            organizations: page.progress.organization.choices.map {
                .init(
                    id: $0.organizationID.text, name: $0.organizationName,
                    logo: site.logo($0.organizationLogos, at: context.issuer))
            })
        return .page(view.document, formTargets: page.formTargets)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        try site.requireSameOrigin(request, at: context.issuer)
        let form = try await request.formParameters()
        let page = try await InteractionPage(request, context, gatehouse: gatehouse, site: site)
        try page.require(form)
        guard let chosen = form[.chosenOrganization].flatMap(Organization.ID.init(parsing:)) else {
            return .seeOther(page.link(to: InteractionPaths.organization).target)
        }
        let outcome = try await gatehouse.signIn.choose(
            chosen, page.progress, on: context.occasion)
        guard case .answered(let delivery, _) = outcome else { return page.proceed(nil) }
        return site.answer(delivery, at: context)
    }
}
