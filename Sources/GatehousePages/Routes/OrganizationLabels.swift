import GatehouseCore
import GatehouseProtocol
import GatehouseWeb

extension MemberRow {
    /// A member as a row, with the way to their page.
    init(_ member: AdministeredOrganizations.Member, link: Link) {
        let membership = member.membership
        let roles = Set((membership.roles + membership.rolesOfGroups).map(\.name)).sorted()
        let standing: Standing =
            switch OrganizationRank(membership.allScopes) {
            case .owner: .owner
            case .admin: .admin
            case nil: .member
            }
        self.init(
            account: AccountLabel(member.user), link: link, title: membership.title?.text,
            standing: standing, roles: roles.map(\.text),
            isSuspended: membership.suspendedAt != nil,
            joined: ApplicationsView.Moment(membership.joinedAt))
    }
}

extension MemberView.Choice {
    /// A role that can be given.
    init(_ role: OrganizationRole, isTicked: Bool) {
        let scopes = role.scopes.texts
        self.init(
            value: role.name.text, words: role.name.text,
            hint: scopes.isEmpty ? nil : scopes.joined(separator: " "), isTicked: isTicked)
    }

    /// Owner and admin, as far as somebody of a rank can make others that.
    static func standings(
        for rank: OrganizationRank, isTicked: (MembershipScopes.Standing) -> Bool
    ) -> [Self] {
        MembershipScopes.Standing.allCases.compactMap { standing in
            let change = OrganizationChange.membership(
                ofOwner: false, makesOwner: standing == .owner)
            guard rank.may(change) else { return nil }
            return Self(
                value: standing.rawValue, words: standing == .owner ? "Owner" : "Admin",
                hint: standing == .owner
                    ? "manages everything" : "manages everything but owners",
                isTicked: isTicked(standing))
        }
    }
}

extension MemberView.Choices {
    /// What somebody of a rank can choose for a member, and what was typed before; nil if they may
    /// change nothing about the member.
    init?(
        of membership: Membership, _ rank: OrganizationRank, roles: [OrganizationRole],
        groups: [OrganizationGroup], typed: FormParameters?
    ) {
        let change = OrganizationChange.membership(
            ofOwner: membership.isOwner, makesOwner: membership.isOwner)
        guard rank.may(change) else { return nil }
        let has = Set(membership.roles.map(\.name.text))
        let wanted = (typed?.values(of: .role)).map(Set.init) ?? has
        let standings = typed?.values(of: .standing)
        let inside = Set(membership.groups)
        self.init(
            basis: String(membership.updatedAt.milliseconds),
            title: typed.map { $0[ParameterName("title")] ?? "" } ?? membership.title?.text ?? "",
            standings: MemberView.Choice.standings(for: rank) { standing in
                standings?.contains(standing.rawValue) ?? membership.scopes.isStanding(standing)
            },
            roles: rank.mayGive(roles).map {
                MemberView.Choice($0, isTicked: wanted.contains($0.name.text))
            },
            groups: groups.filter { group in
                !inside.contains(group.name)
                    && rank.may(.membership(ofOwner: false, makesOwner: group.isOwner))
            }.map(\.name.text))
    }
}

extension MembershipScopes {
    /// What the pages give somebody without a role; the rest of what a member has by themselves is
    /// an operator's to give.
    enum Standing: String, CaseIterable {
        case owner
        case admin
    }

    func isStanding(_ standing: Standing) -> Bool { texts.contains(standing.rawValue) }

    /// The same scopes with the standing that a form says, and no other.
    func standing(as texts: [String]) -> MembershipScopes? {
        let others = self.texts.filter { Standing(rawValue: $0) == nil }
        let wanted = texts.filter { Standing(rawValue: $0) != nil }
        return MembershipScopes(parsing: others + wanted)
    }
}

extension OrganizationNote {
    /// What came of changing a membership.
    init?(_ change: AdministerMemberships.Change, _ done: Done) {
        switch change {
        case .changed: self = .done(done)
        case .refused(let refusal): self.init(refusal)
        case .outdated: self = .problem(.outdated)
        case .lastOwner: self = .problem(.lastOwner)
        case .noRole(let name): self = .problem(.noRole(name.text))
        case .tooManyRoles: self = .problem(.tooManyRoles)
        case .notFound, .taken, .gone: self = .problem(.over)
        }
    }

    /// What came of asking for an invitation.
    init?(_ change: AdministerInvitations.Change, _ done: Done) {
        switch change {
        case .changed: self = .done(done)
        case .refused(let refusal): self.init(refusal)
        case .taken: self = .problem(.invited)
        case .member: self = .problem(.memberAlready)
        case .noRole(let name): self = .problem(.noRole(name.text))
        case .tooManyRoles: self = .problem(.tooManyRoles)
        case .tooMany: self = .problem(.tooMany)
        case .limited(let exceeded):
            self = .problem(.tooOften(retryAfter: Int(exceeded.retryAfter)))
        case .notFound, .unfit, .away, .gone: self = .problem(.over)
        }
    }
}

extension ParameterName {
    static let role = Self("role")
    /// Whether a member is an owner or an admin.
    static let standing = Self("standing")
}
