private import GatehouseProtocol
import GatehouseSQL

/// Whether somebody may sign in, as far as the domain of their address goes.
package enum DomainAdmission: Sendable, Equatable {
    /// No organization decides about them.
    case free
    /// They sign in as a member of this organization: for as long as they are one, and act there.
    case through(Organization.ID, for: Lifetime?)
    /// They would have to be a member of this organization, and act there.
    case barred(Organization.ID, for: Lifetime?)

    /// The organization through which they sign in, let in or not.
    package var organization: Organization.ID? {
        switch self {
        case .free: nil
        case .through(let id, for: _), .barred(let id, for: _): id
        }
    }

    /// How long the organization has a sign-in last at most; nil if it does not say.
    var longest: Lifetime? {
        switch self {
        case .free: nil
        case .through(_, for: let longest), .barred(_, for: let longest): longest
        }
    }
}

/// What is known of a person at the organization that speaks for the domain of their address.
package struct DomainStanding: Sendable {
    let domain: OrganizationDomain
    /// True if people act in the organization.
    let organizationIsActive: Bool
    let sessionLength: Lifetime?
    let member: Member
    /// True if the address is known to be theirs.
    let addressIsVerified: Bool

    /// What the person is to the organization.
    package enum Member: Sendable, CaseIterable {
        case never
        /// They were taken out, or left.
        case departed
        case suspended
        case active
    }

    /// True if the person becomes a member by signing in.
    ///
    /// Whoever was taken out does not come back that way, and an address that nobody has verified
    /// may be anybody's.
    package var joins: Bool {
        guard case .never = member else { return false }
        return domain.rules.joins && organizationIsActive && addressIsVerified
    }

    /// Whether the person may sign in as things are: the one place that decides it.
    package var admission: DomainAdmission {
        guard domain.rules.isRequired else { return .free }
        let isMember = if case .active = member { true } else { false }
        return isMember && organizationIsActive
            ? .through(domain.organizationID, for: sessionLength)
            : .barred(domain.organizationID, for: sessionLength)
    }

    package init(
        domain: OrganizationDomain, organizationIsActive: Bool, sessionLength: Lifetime?,
        member: Member, addressIsVerified: Bool
    ) {
        self.domain = domain
        self.organizationIsActive = organizationIsActive
        self.sessionLength = sessionLength
        self.member = member
        self.addressIsVerified = addressIsVerified
    }

    init(_ row: Row, of user: User) throws {
        domain = try OrganizationDomain(row)
        organizationIsActive = try row.integer("is_active") == 1
        sessionLength = try row.optionalInteger("session_length").map(Lifetime.seconds)
        member =
            if try row.optionalInteger("joined_at") == nil {
                try row.optionalInteger("departed_at") == nil ? .never : .departed
            } else {
                try row.optionalInteger("suspended_at") == nil ? .active : .suspended
            }
        addressIsVerified = user.emailVerifiedAt != nil
    }
}

extension TenantRecords {
    /// Whether a person may sign in, as far as the domain of their address goes.
    func domainAdmission(of user: User) throws -> DomainAdmission {
        try organizationDomains.standing(of: user)?.admission ?? .free
    }

    /// The same for a person who is held and signs in: where the domain has them join its
    /// organization, they are a member afterwards.
    func admitByDomain(_ user: User, on occasion: Occasion) throws -> DomainAdmission {
        guard let first = try organizationDomains.standing(of: user) else { return .free }
        guard first.joins else { return first.admission }
        // Looked at again while nobody else changes who is in the organization.
        guard try organizations.hold(first.domain.organizationID),
            let standing = try organizationDomains.standing(of: user)
        else { return .free }
        guard standing.joins else { return standing.admission }
        try join(user, by: standing.domain, on: occasion)
        return try domainAdmission(of: user)
    }

    private func join(
        _ user: User, by domain: OrganizationDomain, on occasion: Occasion
    ) throws {
        let organization = domain.organizationID
        let roles = try domain.rules.roles.compactMap {
            try organizationRoles.holdMeant($0, in: organization)
        }
        let membership = Membership(of: user.id, in: organization, at: occasion.now)
            .changed(
                by: MembershipChange(), roles: roles.filter { !$0.isOwner }, at: occasion.now)
        guard try memberships.insert(membership) else { return }
        try events.append(
            Event(
                .membershipCreated, by: .user(user.id), of: organization.text,
                detail: [("user", user.id.text), ("domain", domain.claim.host.text)]),
            on: occasion)
    }
}
