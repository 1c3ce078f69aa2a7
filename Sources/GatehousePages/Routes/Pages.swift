package import GatehouseCore
import GatehouseProtocol
package import GatehouseWeb
package import Hummingbird

/// The hosted pages, and the endpoints that lead a browser to them.
package struct Pages: Sendable {
    private let gatehouse: Gatehouse
    private let site: Site

    package init(gatehouse: Gatehouse, assets: StaticAssets) {
        self.gatehouse = gatehouse
        site = Site(assets: assets)
    }

    /// Adds every page and its aliases below a tenant's issuer.
    package func addRoutes(to tenant: RouterGroup<EdgeContext>, resolving: ResolveTenant) {
        let pages = tenant.add(middleware: RefuseHead())
            .add(middleware: UnresolvedTenantPage(site: site))
            .add(middleware: ShedLoad(gatehouse: gatehouse))
            .add(middleware: resolving).group(context: TenantContext.self)
            .add(middleware: PageErrorAnswer(site: site))
        let authorization = AuthorizationEndpoint(gatehouse: gatehouse, site: site)
        for path in Endpoint.authorization.paths {
            pages.get(RouterPath(path), use: authorization.get)
            pages.post(RouterPath(path), use: authorization.post)
        }
        addInteraction(to: pages)
        let endSession = EndSessionEndpoint(gatehouse: gatehouse, site: site)
        for path in Endpoint.endSession.paths {
            pages.get(RouterPath(path), use: endSession.get)
            pages.post(RouterPath(path), use: endSession.post)
        }
        let userCode = UserCodePage(gatehouse: gatehouse, site: site)
        let decision = DeviceDecisionPage(gatehouse: gatehouse, site: site)
        for path in Endpoint.deviceVerification.paths {
            pages.get(RouterPath(path), use: userCode.get)
            pages.post(RouterPath(path), use: userCode.post)
            pages.get("\(path)/:interaction", use: decision.get)
            pages.post("\(path)/:interaction", use: decision.post)
        }
        addOwnPages(to: pages)
        addInvitation(to: pages)
        pages.get("\(InteractionPaths.logos)/:logo", use: LogoFiles(gatehouse: gatehouse).get)
        pages.post(RouterPath(InteractionPaths.signOut), use: endSession.confirm)
        pages.get(RouterPath(InteractionPaths.signedOut), use: endSession.signedOut)
    }

    /// Adds the pages that belong to whoever is signed in.
    private func addOwnPages(to pages: RouterGroup<TenantContext>) {
        let approvals = ApprovalsPage(gatehouse: gatehouse, site: site)
        for path in Endpoint.approvals.paths {
            pages.get(RouterPath(path), use: approvals.get)
            pages.post(RouterPath(path), use: approvals.post)
        }
        let applications = ApplicationsPage(gatehouse: gatehouse, site: site)
        for path in Endpoint.applications.paths {
            pages.get(RouterPath(path), use: applications.get)
            pages.post(RouterPath(path), use: applications.post)
        }
        for path in Endpoint.organizations.paths { addOrganizations(to: pages, at: path) }
    }

    /// Adds the pages on which members administer their organizations.
    private func addOrganizations(to pages: RouterGroup<TenantContext>, at path: String) {
        let organizations = OrganizationsPage(gatehouse: gatehouse, site: site)
        pages.get(RouterPath(path), use: organizations.list)
        pages.post(RouterPath(path), use: organizations.signIn)
        let organization = "\(path)/:slug"
        pages.get(RouterPath(organization), use: organizations.get)
        pages.post(RouterPath(organization), use: organizations.post)
        let members = MembersPage(gatehouse: gatehouse, site: site)
        pages.get("\(organization)\(OrganizationPart.members.path)", use: members.list)
        pages.post("\(organization)\(OrganizationPart.members.path)", use: members.signIn)
        pages.get("\(organization)\(OrganizationPart.members.path)/:user", use: members.get)
        pages.post("\(organization)\(OrganizationPart.members.path)/:user", use: members.post)
        let invitations = OrganizationInvitationsPage(gatehouse: gatehouse, site: site)
        pages.get("\(organization)\(OrganizationPart.invitations.path)", use: invitations.get)
        pages.post("\(organization)\(OrganizationPart.invitations.path)", use: invitations.post)
        let applications = OrganizationApplicationsPage(gatehouse: gatehouse, site: site)
        pages.get("\(organization)\(OrganizationPart.applications.path)", use: applications.get)
        pages.post("\(organization)\(OrganizationPart.applications.path)", use: applications.post)
        let keys = OrganizationKeysPage(gatehouse: gatehouse, site: site)
        pages.get("\(organization)\(OrganizationPart.keys.path)", use: keys.get)
        pages.post("\(organization)\(OrganizationPart.keys.path)", use: keys.post)
    }

    /// Adds the page to which the letters of invitations lead.
    private func addInvitation(to pages: RouterGroup<TenantContext>) {
        let invitation = InvitationPage(gatehouse: gatehouse, site: site)
        for path in Endpoint.invitation.paths {
            pages.get(RouterPath(path), use: invitation.get)
            pages.post(RouterPath(path), use: invitation.accept)
            pages.post("\(path)\(InvitationPage.signInPath)", use: invitation.signIn)
            pages.get(
                "\(path)\(InvitationPage.createAccountPath)", use: invitation.getCreateAccount)
            pages.post("\(path)\(InvitationPage.createAccountPath)", use: invitation.createAccount)
        }
    }

    /// Adds the pages that a person is led through on the way to a client.
    private func addInteraction(to pages: RouterGroup<TenantContext>) {
        let signIn = SignInPage(gatehouse: gatehouse, site: site)
        pages.get("\(InteractionPaths.signIn)/:interaction", use: signIn.get)
        pages.post("\(InteractionPaths.signIn)/:interaction", use: signIn.post)
        let createAccount = CreateAccountPage(gatehouse: gatehouse, site: site)
        pages.get("\(InteractionPaths.createAccount)/:interaction", use: createAccount.get)
        pages.post("\(InteractionPaths.createAccount)/:interaction", use: createAccount.post)
        let organization = OrganizationPage(gatehouse: gatehouse, site: site)
        pages.get("\(InteractionPaths.organization)/:interaction", use: organization.get)
        pages.post("\(InteractionPaths.organization)/:interaction", use: organization.post)
        let consent = ConsentPage(gatehouse: gatehouse, site: site)
        pages.get("\(InteractionPaths.consent)/:interaction", use: consent.get)
        pages.post("\(InteractionPaths.consent)/:interaction", use: consent.post)
    }
}
