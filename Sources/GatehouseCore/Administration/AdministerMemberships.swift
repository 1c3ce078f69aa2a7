package import GatehouseSQL

/// Who is put into organizations, what they may do there, and who is taken out again.
///
/// An operator does it, or a member who administers the organization, as far as their rank goes.
/// An organization that has an owner keeps one: the last is neither removed, nor suspended, nor made
/// something less.
package struct AdministerMemberships: Sendable {
    let database: any Database
    /// Who does it.
    let actor: OrganizationActor

    package init(database: any Database, by actor: OrganizationActor) {
        self.database = database
        self.actor = actor
    }

    /// What became of a change.
    package enum Change: Sendable {
        case changed(Membership)
        /// The user is no member.
        case notFound
        /// The user is a member already.
        case taken
        /// There is no role of that name for the organization.
        case noRole(OrganizationRole.Name)
        /// There are more than ``Membership/mostRoles``.
        case tooManyRoles
        /// Nobody would own the organization any more.
        case lastOwner
        /// Somebody changed the membership since whoever wants this looked at it.
        case outdated
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
        /// The organization or the user is gone.
        case gone
    }

    /// The members of an organization, or of one of its groups, after one of them.
    package func list(
        in organization: Organization.ID, of tenant: Tenant.ID,
        group: OrganizationGroup.ID? = nil, after user: User.ID?, limit: Int
    ) async throws -> [Membership] {
        try await database.read {
            try $0.records(of: tenant).memberships
                .list(of: organization, in: group, after: user, limit: limit)
        }
    }

    package func find(
        _ user: User.ID, in organization: Organization.ID, of tenant: Tenant.ID
    ) async throws -> Membership? {
        try await database.read {
            try $0.records(of: tenant).memberships.find(user, in: organization)
        }
    }

    /// Puts a user into an organization.
    package func add(
        _ user: User.ID, to organization: Organization.ID, as change: MembershipChange,
        of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            // The user first, as where one is deleted: or an owner could be made of one who goes.
            guard try records.users.hold(user), try records.organizations.hold(organization)
            else { return .gone }
            let roles: [OrganizationRole]?
            switch try records.roles(meantBy: change.roles, in: organization) {
            case .found(let found): roles = found
            case .missing(let name): return .noRole(name)
            case .tooMany: return .tooManyRoles
            }
            let membership = Membership(of: user, in: organization, at: occasion.now)
                .changed(by: change, roles: roles, at: occasion.now)
            let power = try records.power(of: actor, in: organization, on: occasion)
            if let refusal = power.refusal(
                of: .membership(ofOwner: false, makesOwner: membership.isOwner))
            {
                return .refused(refusal)
            }
            guard try records.memberships.insert(membership) else { return .taken }
            try records.append(
                .membershipCreated, by: power.actor, of: organization, [("user", user.text)],
                on: occasion)
            return .changed(membership)
        }
        return outcome ?? .gone
    }

    /// Changes what a member may do, or whether that counts.
    package func update(
        _ user: User.ID, in organization: Organization.ID, by change: MembershipChange,
        of tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization) else { return .gone }
            guard let old = try records.memberships.find(user, in: organization) else {
                return .notFound
            }
            let roles: [OrganizationRole]?
            switch try records.roles(meantBy: change.roles, in: organization) {
            case .found(let found): roles = found
            case .missing(let name): return .noRole(name)
            case .tooMany: return .tooManyRoles
            }
            let new = old.changed(by: change, roles: roles, at: occasion.now)
            let power = try records.power(of: actor, in: organization, on: occasion)
            if let refusal = power.refusal(
                of: .membership(ofOwner: old.isOwner, makesOwner: new.isOwner))
            {
                return .refused(refusal)
            }
            guard change.basis == nil || change.basis == old.updatedAt else { return .outdated }
            guard
                try !old.isActiveOwner || new.isActiveOwner
                    || records.memberships.hasOwner(organization, besides: user)
            else { return .lastOwner }
            try records.memberships.update(new)
            if new.suspendedAt != nil {
                try records.endSessions(of: user, through: organization, on: occasion)
            }
            try records.append(
                change.event, by: power.actor, of: organization, [("user", user.text)],
                on: occasion)
            return .changed(new)
        }
        return outcome ?? .gone
    }

    /// Takes a user out of an organization.
    package func remove(
        _ user: User.ID, from organization: Organization.ID, of tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization) else { return .gone }
            guard let old = try records.memberships.find(user, in: organization) else {
                return .notFound
            }
            let power = try records.power(of: actor, in: organization, on: occasion)
            if let refusal = power.refusal(
                of: .membership(ofOwner: old.isOwner, makesOwner: false))
            {
                return .refused(refusal)
            }
            guard
                try !old.isActiveOwner
                    || records.memberships.hasOwner(organization, besides: user)
            else { return .lastOwner }
            _ = try records.memberships.delete(user, in: organization, at: occasion.now)
            try records.consents.takeBackAll(in: organization, of: user, at: occasion.now)
            try records.endSessions(of: user, through: organization, on: occasion)
            // For good: whoever comes back signs in anew.
            try records.grants.revokeAll(of: user, through: organization, at: occasion.now)
            try records.append(
                .membershipDeleted, by: power.actor, of: organization, [("user", user.text)],
                on: occasion)
            return .changed(old)
        }
    }
}

extension TenantRecords {
    /// Ends the sessions of a user who signed in through an organization and acts there no more.
    ///
    /// Nothing counted that came of them anyway; clients are told so.
    fileprivate func endSessions(
        of user: User.ID, through organization: Organization.ID, on occasion: Occasion
    ) throws {
        for session in try sessions.live(of: user, at: occasion.now)
        where session.through == organization {
            _ = try end(session, on: occasion)
        }
    }
}

extension MembershipChange {
    /// What the event that tells of the change is called.
    fileprivate var event: Event.Kind {
        switch state {
        case nil: .membershipUpdated
        case .active: .membershipActivated
        case .suspended: .membershipSuspended
        }
    }
}
