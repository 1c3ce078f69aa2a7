package import GatehouseSQL

/// What is done to the groups of an organization: made, given roles, deleted, and who is in them.
///
/// Whatever would leave an organization that has an owner without one is refused, as with members.
package struct AdministerOrganizationGroups: Sendable {
    let database: any Database
    /// Who does it.
    let actor: OrganizationActor

    package init(database: any Database, by actor: OrganizationActor) {
        self.database = database
        self.actor = actor
    }

    /// What became of a change.
    package enum Change: Sendable {
        case changed(OrganizationGroup)
        case notFound
        /// There is a group of that name.
        case taken
        /// The organization has as many groups as it may, or the member is in as many.
        case tooMany
        /// There is no role of that name for the organization.
        case noRole(OrganizationRole.Name)
        /// There are more than ``Membership/mostRoles``.
        case tooManyRoles
        /// The user is no member of the organization.
        case noMember
        /// The member is in the group already.
        case inside
        /// The member is not in the group.
        case outside
        /// Nobody would own the organization any more.
        case lastOwner
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
        /// The organization is gone.
        case gone
    }

    /// The groups of an organization, by name.
    package func list(
        of organization: Organization.ID, in tenant: Tenant.ID
    ) async throws -> [OrganizationGroup] {
        try await database.read {
            try $0.records(of: tenant).organizationGroups.all(of: organization)
        }
    }

    package func find(
        _ name: OrganizationGroup.Name, of organization: Organization.ID, in tenant: Tenant.ID
    ) async throws -> OrganizationGroup? {
        try await database.read {
            try $0.records(of: tenant).organizationGroups.find(name, of: organization)
        }
    }

    /// Makes a group that nobody is in yet.
    package func create(
        _ name: OrganizationGroup.Name, carrying roles: [OrganizationRole.Name],
        of organization: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(on: organization, in: tenant, on: occasion) { records, power in
            let found: [OrganizationRole]
            switch try records.roles(meantBy: roles, in: organization) {
            case .found(let roles): found = roles ?? []
            case .missing(let name): return .noRole(name)
            case .tooMany: return .tooManyRoles
            }
            guard
                try records.organizationGroups.count(of: organization)
                    < OrganizationGroup.mostOfOrganization
            else { return .tooMany }
            let group = OrganizationGroup(name, carrying: found, of: organization, at: occasion.now)
            if let refusal = power.refusal(
                of: .membership(ofOwner: false, makesOwner: group.isOwner))
            {
                return .refused(refusal)
            }
            guard try records.organizationGroups.insert(group) else { return .taken }
            try records.append(.organizationGroupCreated, group, by: power.actor, on: occasion)
            return .changed(group)
        }
    }

    /// Changes the roles that a group carries, for all who are in it.
    package func update(
        _ name: OrganizationGroup.Name, of organization: Organization.ID,
        toCarry roles: [OrganizationRole.Name], in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(name, of: organization, in: tenant, on: occasion) {
            records, power, old in
            var group = old
            switch try records.roles(meantBy: roles, in: organization) {
            case .found(let roles): group.roles = roles ?? []
            case .missing(let name): return .noRole(name)
            case .tooMany: return .tooManyRoles
            }
            if let refusal = power.refusal(
                of: .membership(ofOwner: old.isOwner, makesOwner: group.isOwner))
            {
                return .refused(refusal)
            }
            guard try group.isOwner || !records.isNeededToOwn(old) else { return .lastOwner }
            group.updatedAt = occasion.now
            try records.organizationGroups.update(group)
            try records.append(.organizationGroupUpdated, group, by: power.actor, on: occasion)
            return .changed(group)
        }
    }

    /// Deletes a group; who was in it stays in the organization.
    package func delete(
        _ name: OrganizationGroup.Name, of organization: Organization.ID, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await perform(name, of: organization, in: tenant, on: occasion) {
            records, power, group in
            if let refusal = power.refusal(
                of: .membership(ofOwner: group.isOwner, makesOwner: false))
            {
                return .refused(refusal)
            }
            guard try !records.isNeededToOwn(group) else { return .lastOwner }
            try records.organizationGroups.delete(group.id)
            try records.append(.organizationGroupDeleted, group, by: power.actor, on: occasion)
            return .changed(group)
        }
    }

    /// Puts a member of the organization into a group.
    package func add(
        _ user: User.ID, to name: OrganizationGroup.Name, of organization: Organization.ID,
        in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(name, of: organization, in: tenant, on: occasion) {
            records, power, group in
            guard let membership = try records.memberships.find(user, in: organization) else {
                return .noMember
            }
            if let refusal = power.refusal(
                of: .membership(ofOwner: membership.isOwner, makesOwner: group.isOwner))
            {
                return .refused(refusal)
            }
            guard !membership.groups.contains(name) else { return .inside }
            guard membership.groups.count < OrganizationGroup.mostOfMember else {
                return .tooMany
            }
            guard try records.organizationGroups.put(membership, into: group.id) else {
                return .inside
            }
            try records.append(
                .organizationGroupMemberAdded, group, of: user, by: power.actor, on: occasion)
            return .changed(group)
        }
    }

    /// Takes a member out of a group.
    package func remove(
        _ user: User.ID, from name: OrganizationGroup.Name, of organization: Organization.ID,
        in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(name, of: organization, in: tenant, on: occasion) {
            records, power, group in
            guard let old = try records.memberships.find(user, in: organization) else {
                return .noMember
            }
            if let refusal = power.refusal(
                of: .membership(ofOwner: old.isOwner, makesOwner: false))
            {
                return .refused(refusal)
            }
            guard old.groups.contains(name) else { return .outside }
            guard
                try !old.isActiveOwner || records.owns(old, without: group)
                    || records.memberships.hasOwner(organization, besides: user)
            else { return .lastOwner }
            guard try records.organizationGroups.take(old, outOf: group.id) else {
                return .outside
            }
            try records.append(
                .organizationGroupMemberRemoved, group, of: user, by: power.actor, on: occasion)
            return .changed(group)
        }
    }

    private func perform(
        on organization: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (TenantRecords, OrganizationPower) throws -> Change
    ) async throws -> Change {
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization) else { return .gone }
            return try change(records, records.power(of: actor, in: organization, on: occasion))
        }
        return outcome ?? .gone
    }

    private func perform(
        _ name: OrganizationGroup.Name, of organization: Organization.ID, in tenant: Tenant.ID,
        on occasion: Occasion,
        _ change:
            @escaping @Sendable (TenantRecords, OrganizationPower, OrganizationGroup) throws ->
            Change
    ) async throws -> Change {
        try await perform(on: organization, in: tenant, on: occasion) { records, power in
            guard let group = try records.organizationGroups.find(name, of: organization) else {
                return .notFound
            }
            return try change(records, power, group)
        }
    }
}

extension TenantRecords {
    /// True if the organization has an owner, and only by this group.
    fileprivate func isNeededToOwn(_ group: OrganizationGroup) throws -> Bool {
        guard group.isOwner else { return false }
        let organization = group.organizationID
        return try memberships.hasOwner(organization)
            && !memberships.hasOwner(organization, andBesides: group.id)
    }

    /// True if a member owns the organization by something else than a group.
    fileprivate func owns(_ membership: Membership, without group: OrganizationGroup) throws -> Bool
    {
        guard !membership.ownsByItself else { return true }
        return try organizationGroups.all(of: membership.organizationID).contains {
            $0.isOwner && $0.id != group.id && membership.groups.contains($0.name)
        }
    }

    fileprivate func append(
        _ kind: Event.Kind, _ group: OrganizationGroup, of user: User.ID? = nil,
        by actor: Event.Actor, on occasion: Occasion
    ) throws {
        var detail: [(name: StaticString, value: String)] = [
            ("name", group.name.text), ("organization", group.organizationID.text),
        ]
        if let user { detail.append(("user", user.text)) }
        try events.append(
            Event(kind, by: actor, of: group.id.text, detail: detail), on: occasion)
    }
}
