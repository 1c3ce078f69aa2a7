import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page of the invitations to an organization: who is asked, and asking others.
struct OrganizationInvitationsPage: Sendable {
    private let page: AdministeredPage

    init(gatehouse: Gatehouse, site: Site) {
        page = AdministeredPage(.invitations, gatehouse: gatehouse, site: site)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        switch try await page.sent(request, context, by: [.invite, .resend, .revoke]) {
        case .answered(let response): return response
        case .nothing: return try await show(request, context)
        case .order(let order):
            let note =
                order.change == .invite
                ? try await invite(order, answeredAt: context.issuer)
                : try await change(order)
            return try await show(request, context, note, order.form)
        }
    }

    private func invite(
        _ order: AdministeredPage.Order, answeredAt issuer: Issuer
    ) async throws -> OrganizationNote? {
        guard let email = EmailAddress(parsing: order.form[.email] ?? "") else {
            return .problem(.address)
        }
        let inviter = try await page.gatehouse.users.find(order.account, in: order.tenant.id)
        let terms = Invitation.Terms(
            email: email, inviter: inviter?.name, title: nil,
            scopes: MembershipScopes.none.standing(as: order.form.values(of: .standing)) ?? .none,
            roles: order.form.values(of: .role).compactMap(OrganizationRole.Name.init(parsing:)),
            lifetime: Invitation.lifetime)
        let change = try await page.gatehouse.invitations(by: order.actor).invite(
            terms, to: order.organization, of: order.tenant.id, answeredAt: issuer,
            on: order.occasion)
        return OrganizationNote(change, .invited)
    }

    private func change(_ order: AdministeredPage.Order) async throws -> OrganizationNote? {
        guard let id = order.form[.invitation].flatMap(Invitation.ID.init(parsing:)) else {
            return .problem(.over)
        }
        let invitations = page.gatehouse.invitations(by: order.actor)
        if order.change == .resend {
            let change = try await invitations.resend(
                id, to: order.organization, for: Invitation.lifetime, of: order.tenant.id,
                on: order.occasion)
            return OrganizationNote(change, .invitedAgain)
        }
        let change = try await invitations.revoke(
            id, to: order.organization, of: order.tenant.id, on: order.occasion)
        return OrganizationNote(change, .invitationRevoked)
    }

    private func show(
        _ request: Request, _ context: TenantContext, _ note: OrganizationNote? = nil,
        _ form: FormParameters? = nil
    ) async throws -> Response {
        let look = page.look(request, context)
        let after = try request.queryParameters()[.after].flatMap(Invitation.ID.init(parsing:))
        let sight = try await page.organizations.invitations(
            to: look.slug, after: after, to: look.administrator, on: context.occasion)
        return look.answer(sight) { administration, found in
            let typed = note?.isProblem == true ? form : nil
            let rank = administration.rank
            let wanted = Set(typed?.values(of: .role) ?? [])
            let standings = Set(typed?.values(of: .standing) ?? [])
            let view = OrganizationInvitationsView(
                page: look.frame(administration, note),
                invitations: found.list.rows.map {
                    .init($0, rank, roles: found.roles, at: context.occasion.now)
                },
                more: look.link(after: found.list.next?.text),
                typed: .init(
                    address: typed?[.email] ?? "",
                    standings: MemberView.Choice.standings(for: rank) {
                        standings.contains($0.rawValue)
                    },
                    roles: rank.mayGive(found.roles).map {
                        .init($0, isTicked: wanted.contains($0.name.text))
                    }))
            return look.answer(view.document, note)
        }
    }
}

extension OrganizationInvitationsView.Row {
    /// An invitation at a moment, for somebody of a rank.
    fileprivate init(
        _ invitation: Invitation, _ rank: OrganizationRank, roles: [OrganizationRole],
        at now: Timestamp
    ) {
        let makesOwner =
            invitation.scopes.isStanding(.owner)
            || roles.contains { $0.isOwner && invitation.roles.contains($0.name) }
        let state = invitation.state(at: now)
        let isOpen = state == .pending || state == .expired
        self.init(
            id: invitation.id.text, address: invitation.email.text,
            roles: invitation.scopes.texts + invitation.roles.map(\.text),
            state: State(state, invitation.letter.state),
            invited: ApplicationsView.Moment(invitation.createdAt),
            until: ApplicationsView.Moment(invitation.expiresAt),
            mayChange: isOpen && rank.may(.invitation(makesOwner: makesOwner)))
    }
}

extension OrganizationInvitationsView.Row.State {
    fileprivate init(_ state: Invitation.State, _ letter: InvitationLetter.State) {
        self =
            switch (state, letter) {
            case (.accepted, _): .accepted
            case (.revoked, _): .revoked
            case (.expired, _): .expired
            case (.pending, .waiting): .onItsWay
            case (.pending, .failed): .undeliverable
            case (.pending, .sent): .pending
            }
    }
}

extension ParameterName {
    fileprivate static let invitation = Self("invitation")
}
