import GatehouseScopes

/// As what somebody administers an organization, and so how far.
package enum OrganizationRank: Sendable, Hashable, CaseIterable {
    /// Manages it, but neither its owners nor who becomes one.
    case admin
    /// Manages everything in it.
    case owner

    /// What these scopes make of somebody; nil if they administer nothing.
    ///
    /// A wildcard allows actions and says nothing of who somebody is: it makes nobody an
    /// administrator.
    package init?(_ scopes: MembershipScopes) {
        if scopes.contains(.owner) {
            self = .owner
        } else if scopes.contains(.admin) {
            self = .admin
        } else {
            return nil
        }
    }

    /// True if they may make a change: the one place that decides so.
    ///
    /// Whether the organization keeps an owner is asked where the change is made, whoever makes it.
    package func may(_ change: OrganizationChange) -> Bool {
        switch self {
        case .owner: true
        case .admin: !change.concernsOwners
        }
    }

    /// The roles that they may give, of those that an organization means.
    package func mayGive(_ roles: [OrganizationRole]) -> [OrganizationRole] {
        roles.filter { may(.membership(ofOwner: false, makesOwner: $0.isOwner)) }
    }
}

/// Something that a member of an organization does to it, as far as it matters who may.
package enum OrganizationChange: Sendable, Hashable {
    /// A membership is changed or ended, or its groups are.
    case membership(ofOwner: Bool, makesOwner: Bool)
    /// Somebody is invited, or an invitation is sent again or taken back.
    case invitation(makesOwner: Bool)
    /// What a member allowed an application is taken back.
    case consent(ofOwner: Bool)
    /// An API key is made or revoked; the organization's own is no owner's.
    case apiKey(ofOwner: Bool)
    /// The organization gets another name.
    case name

    /// True if something of an owner's is touched, or somebody becomes one.
    fileprivate var concernsOwners: Bool {
        switch self {
        case .membership(let ofOwner, let makesOwner): ofOwner || makesOwner
        case .invitation(let makesOwner): makesOwner
        case .consent(let ofOwner), .apiKey(let ofOwner): ofOwner
        case .name: false
        }
    }
}
