import GatehouseScopes
import GatehouseSQL

/// That somebody who is signed in administers an organization, as things are at one moment.
package struct OrganizationAdministration: Sendable {
    package let current: LiveSession
    package let organization: Organization
    package let membership: Membership
    package let rank: OrganizationRank

    /// How long after they proved who they are somebody may change things.
    ///
    /// A browser that was left open, or a cookie that was copied, changes nothing after that.
    package static let freshness = Lifetime.minutes(10)

    /// True if they proved who they are a short while ago.
    package func isFresh(at now: Timestamp) -> Bool {
        now < current.session.authenticatedAt + Self.freshness
    }
}

/// Whoever is signed in in a browser, and comes to administer organizations.
package struct AdministratorVisit: Sendable {
    let browser: Browser
    let tenant: Tenant
    /// Whom the page was shown to; nil where nobody was shown anything yet.
    let account: User.ID?

    package init(from browser: Browser, at tenant: Tenant, as account: User.ID? = nil) {
        self.browser = browser
        self.tenant = tenant
        self.account = account
    }
}

/// Who does something to organizations and what is in them.
package enum OrganizationActor: Sendable {
    /// An operator: whoever the occasion names.
    case `operator`
    /// A member who administers the organization, if they do.
    case administrator(AdministratorVisit)
}

/// Why a member who says that they administer an organization changes nothing.
package enum AdministrationRefusal: Sendable, Hashable {
    /// They do not, or not any more; or there is no such organization.
    case noAdministrator
    /// Somebody else is signed in by now than whom the page was shown to.
    case anotherAccount
    /// They proved who they are too long ago.
    case stale
    /// It concerns owners, and they are none.
    case ownersOnly
    /// It would give more than they could give a member.
    case notTheirsToGive
}

/// What an actor may do in one organization, as things are in one transaction.
enum OrganizationPower: Sendable {
    case all(Event.Actor)
    case some(OrganizationAdministration)
    case none(AdministrationRefusal)

    /// Why the actor may not make a change; nil if they may.
    func refusal(of change: OrganizationChange) -> AdministrationRefusal? {
        switch self {
        case .all: nil
        case .some(let administration): administration.rank.may(change) ? nil : .ownersOnly
        case .none(let refusal): refusal
        }
    }

    /// Whom events name.
    var actor: Event.Actor {
        switch self {
        case .all(let actor): actor
        case .some(let administration): .user(administration.current.user.id)
        case .none: .anonymous
        }
    }
}

extension TenantRecords {
    /// What an actor may do in an organization now.
    ///
    /// Hold the organization first: then it stays so until the transaction ends, and whoever was
    /// removed a moment ago is found to be nobody.
    func power(
        of actor: OrganizationActor, in organization: Organization.ID, on occasion: Occasion
    ) throws -> OrganizationPower {
        guard case .administrator(let visit) = actor else { return .all(occasion.operator) }
        let now = occasion.now
        guard let organization = try organizations.find(organization),
            let current = try liveSession(visit.browser.session, in: visit.tenant, at: now),
            let found = try administration(of: organization, by: current)
        else { return .none(.noAdministrator) }
        guard visit.account == nil || visit.account == current.user.id else {
            return .none(.anotherAccount)
        }
        return found.isFresh(at: now) ? .some(found) : .none(.stale)
    }

    /// The administration of an organization by whoever is signed in; nil if they do not administer
    /// it, or nobody acts there.
    func administration(
        of organization: Organization, by current: LiveSession
    ) throws -> OrganizationAdministration? {
        guard organization.state == .active,
            let membership = try memberships.find(current.user.id, in: organization.id),
            membership.suspendedAt == nil,
            let rank = OrganizationRank(membership.allScopes)
        else { return nil }
        return OrganizationAdministration(
            current: current, organization: organization, membership: membership, rank: rank)
    }

    /// True if a user owns an organization, suspended or not.
    func isOwner(_ user: User.ID?, of organization: Organization.ID) throws -> Bool {
        try user.flatMap { try memberships.find($0, in: organization) }?.isOwner ?? false
    }
}

extension OrganizationPower {
    /// True if the actor could give a member these scopes: by the roles that they may give, or
    /// because they have them.
    ///
    /// An API key that could do more would be the way around that.
    func mayGive(
        _ scopes: MembershipScopes, by roles: @autoclosure () throws -> [OrganizationRole]
    ) rethrows -> Bool {
        switch self {
        case .all: return true
        case .none: return false
        case .some(let administration):
            let given = try administration.rank.mayGive(roles()).flatMap(\.scopes.values)
            let all = MembershipScopes(of: given + administration.membership.allScopes.values)
            return scopes.allowed(byHolding: all) == scopes
        }
    }
}
