import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The page of the members of an organization, a part at a time, and the page of each.
struct MembersPage: Sendable {
    private let page: AdministeredPage

    init(gatehouse: Gatehouse, site: Site) {
        page = AdministeredPage(.members, gatehouse: gatehouse, site: site)
    }

    func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        let look = page.look(request, context)
        let query = try request.queryParameters()
        let search = query[.search].flatMap(MemberSearch.init(parsing:))
        let sight = try await page.organizations.members(
            of: look.slug, matching: search,
            after: query[.after].flatMap(User.ID.init(parsing:)), to: look.administrator,
            on: context.occasion)
        return look.answer(sight) { administration, found in
            let place = OrganizationPlace(slug: administration.organization.slug, part: .members)
            let view = MembersView(
                page: look.frame(administration, nil),
                members: found.rows.map { .init($0, link: look.link(place.of($0.user.id))) },
                search: search?.text, here: look.link(place),
                more: look.link(after: found.next?.text, searching: search?.text))
            return look.answer(view.document, nil)
        }
    }

    func signIn(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await page.signIn(request, context)
    }

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await show(request, context)
    }

    func post(_ request: Request, _ context: TenantContext) async throws -> Response {
        switch try await page.sent(request, context, by: Self.buttons) {
        case .answered(let response): return response
        case .nothing: return try await show(request, context)
        case .order(let order):
            guard let user = context.parameters.get("user").flatMap(User.ID.init(parsing:)) else {
                return try await show(request, context, .problem(.over))
            }
            let note = try await perform(order, on: user)
            return try await show(request, context, note, order.form)
        }
    }

    private static let buttons: [OrganizationButton] = [
        .save, .suspend, .resume, .remove, .join, .leave,
    ]

    private func perform(
        _ order: AdministeredPage.Order, on user: User.ID
    ) async throws -> OrganizationNote? {
        switch order.change {
        case .save:
            guard let change = try await change(of: user, order) else {
                return .problem(.title)
            }
            return try await update(user, by: change, .memberChanged, order)
        case .suspend:
            return try await update(
                user, by: MembershipChange(state: .suspended), .memberSuspended, order)
        case .resume:
            return try await update(
                user, by: MembershipChange(state: .active), .memberResumed, order)
        case .remove:
            let change = try await page.gatehouse.memberships(by: order.actor).remove(
                user, from: order.organization, of: order.tenant.id, on: order.occasion)
            return OrganizationNote(change, .memberRemoved)
        default: return try await regroup(user, order)
        }
    }

    private func update(
        _ user: User.ID, by change: MembershipChange, _ done: OrganizationNote.Done,
        _ order: AdministeredPage.Order
    ) async throws -> OrganizationNote? {
        let change = try await page.gatehouse.memberships(by: order.actor).update(
            user, in: order.organization, by: change, of: order.tenant.id, on: order.occasion)
        return OrganizationNote(change, done)
    }

    private func regroup(
        _ user: User.ID, _ order: AdministeredPage.Order
    ) async throws -> OrganizationNote? {
        guard let name = order.form[.group].flatMap(OrganizationGroup.Name.init(parsing:)) else {
            return .problem(.over)
        }
        let groups = page.gatehouse.organizationGroups(by: order.actor)
        let change =
            order.change == .join
            ? try await groups.add(
                user, to: name, of: order.organization, in: order.tenant.id, on: order.occasion)
            : try await groups.remove(
                user, from: name, of: order.organization, in: order.tenant.id, on: order.occasion)
        return switch change {
        case .changed: .done(.memberChanged)
        case .refused(let refusal): OrganizationNote(refusal)
        case .lastOwner: .problem(.lastOwner)
        case .tooMany: .problem(.tooMany)
        case .noRole(let name): .problem(.noRole(name.text))
        case .notFound, .taken, .tooManyRoles, .noMember, .inside, .outside, .gone: .problem(.over)
        }
    }

    /// What a form makes of a member, as they were when it was shown; nil if the title is none.
    private func change(
        of user: User.ID, _ order: AdministeredPage.Order
    ) async throws -> MembershipChange? {
        let title: DisplayName??
        if let text = order.form[.title] {
            guard let parsed = DisplayName(parsing: text) else { return nil }
            title = .some(parsed)
        } else {
            title = .some(nil)
        }
        let old = try await page.gatehouse.memberships.find(
            user, in: order.organization, of: order.tenant.id)
        return MembershipChange(
            title: title, scopes: old?.scopes.standing(as: order.form.values(of: .standing)),
            roles: order.form.values(of: .role).compactMap(OrganizationRole.Name.init(parsing:)),
            basis: Timestamp(milliseconds: order.form[.basis].flatMap { Int64($0) } ?? 0))
    }

    private func show(
        _ request: Request, _ context: TenantContext, _ note: OrganizationNote? = nil,
        _ form: FormParameters? = nil
    ) async throws -> Response {
        let look = page.look(request, context)
        let user = look.place?.user
        let sight = try await page.organizations.member(
            user, of: look.slug, to: look.administrator, on: context.occasion)
        return look.answer(sight) { administration, found in
            let place = OrganizationPlace(slug: administration.organization.slug, part: .members)
            guard let member = found.member else {
                let view = MemberGoneView(
                    page: look.frame(administration, note), all: look.link(place))
                return look.answer(view.document, note, status: .notFound)
            }
            let typed = note?.isProblem == true ? form : nil
            let view = MemberView(
                page: look.frame(administration, note),
                member: .init(member, link: look.link(place.of(member.user.id))),
                scopes: member.membership.scopes.texts,
                groups: member.membership.groups.map(\.text),
                choices: .init(
                    of: member.membership, administration.rank, roles: found.roles,
                    groups: found.groups, typed: typed))
            return look.answer(view.document, note)
        }
    }
}

extension OrganizationPlace {
    /// The page of a member.
    fileprivate func of(_ user: User.ID) -> OrganizationPlace {
        OrganizationPlace(slug: slug, part: part, user: user)
    }
}

extension ParameterName {
    fileprivate static let title = Self("title")
    fileprivate static let basis = Self("basis")
    fileprivate static let group = Self("group")
}
