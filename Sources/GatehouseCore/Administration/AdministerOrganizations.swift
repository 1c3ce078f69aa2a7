import GatehouseSQL
import GatehouseScopes

/// What is done to organizations: made, changed, suspended, deleted and restored.
package struct AdministerOrganizations: Sendable {
    private let registry: Registry

    package init(registry: Registry) {
        self.registry = registry
    }

    private var database: any Database { registry.database }

    /// What became of a change.
    package enum Change: Sendable {
        case changed(Organization)
        case notFound
        /// Another organization has the slug.
        case taken
        /// It is not what whoever changes it looked at before.
        case outdated
        /// It is in a state in which this cannot be done.
        case unfit(Organization.State)
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
    }

    /// Adds an organization, and its first owner if one is named.
    package func create(
        _ organization: Organization, ownedBy owner: User.ID?, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        let isNew = try await database.writeUnlessGone { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizations.insert(organization) else { return false }
            try records.append(
                .organizationCreated, by: occasion.operator, of: organization.id,
                [("slug", organization.slug.text)], on: occasion)
            if let owner {
                let membership = Membership(of: owner, in: organization.id, at: occasion.now)
                    .changed(
                        by: MembershipChange(scopes: MembershipScopes(of: [.owner])), roles: nil,
                        at: occasion.now)
                _ = try records.memberships.insert(membership)
                try records.append(
                    .membershipCreated, by: occasion.operator, of: organization.id,
                    [("user", owner.text)], on: occasion)
            }
            return true
        }
        // The one thing that may be gone is the owner.
        return isNew.map { $0 ? .changed(organization) : .taken } ?? .notFound
    }

    package func find(
        _ id: Organization.ID, in tenant: Tenant.ID
    ) async throws -> Organization? {
        try await database.read { try $0.records(of: tenant).organizations.find(id) }
    }

    package func find(_ slug: Slug, in tenant: Tenant.ID) async throws -> Organization? {
        try await database.read { try $0.records(of: tenant).organizations.find(slug) }
    }

    /// The organization whose client it is, if it is one's, and is there.
    package func publisher(of client: Client, in tenant: Tenant.ID) async throws -> Organization? {
        guard client.isOfThirdParty, let owner = client.policies.organizations.owner else {
            return nil
        }
        return try await find(owner, in: tenant)
    }

    /// What a client learns of the organizations of a user where none is selected; nil if nothing.
    package func told(
        of user: User.ID, to client: Client, in tenant: Tenant.ID
    ) async throws -> ToldOrganizations? {
        try await database.read { transaction in
            try ToldOrganizations(client.policies.organizations.visible) {
                try transaction.records(of: tenant).memberships.allCurrent(of: user)
            }
        }
    }

    package func list(
        in tenant: Tenant.ID, after id: Organization.ID?, limit: Int
    ) async throws -> [Organization] {
        try await database.read {
            try $0.records(of: tenant).organizations.list(after: id, limit: limit)
        }
    }

    /// Changes what an organization is called, and what is kept with it.
    package func update(
        _ id: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Organization) -> Edit
    ) async throws -> Change {
        try await perform(
            Act(.organizationUpdated, by: .operator), on: id, in: tenant, on: occasion, change)
    }

    /// Gives an organization another name, as one of its members may who administer it.
    ///
    /// An operator who found it to be who the old name says has not looked at the new one.
    package func rename(
        _ id: Organization.ID, to name: DisplayName, in tenant: Tenant.ID,
        by visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Change {
        let act = Act(.organizationUpdated, by: .administrator(visit))
        return try await perform(act, on: id, in: tenant, on: occasion) {
            $0.name = name
            return .made(difference: nil)
        }
    }

    /// Lets nobody act in an organization, until it is activated again.
    package func suspend(
        _ id: Organization.ID, as suspension: Suspension, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await perform(
            Act(.organizationSuspended, by: .operator), on: id, in: tenant, on: occasion
        ) {
            guard $0.state == .active else { return nil }
            $0.suspension = suspension
            return .made(difference: nil)
        }
    }

    /// Lets people act in a suspended organization again.
    package func activate(
        _ id: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(
            Act(.organizationActivated, by: .operator), on: id, in: tenant, on: occasion
        ) {
            guard $0.state == .suspended else { return nil }
            $0.suspension = nil
            return .made(difference: nil)
        }
    }

    /// Deletes an organization: nobody acts in it from now on, and after a time it is removed.
    package func delete(
        _ id: Organization.ID, after grace: Lifetime, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(
            Act(.organizationDeletionBegun, by: .operator), on: id, in: tenant, on: occasion
        ) {
            guard $0.state != .deleting else { return nil }
            $0.removedAt = occasion.now + grace
            return .made(difference: nil)
        }
    }

    /// Takes the deletion of an organization back, until its time is over: from then on its members
    /// are being removed.
    package func restore(
        _ id: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await perform(
            Act(.organizationRestored, by: .operator), on: id, in: tenant, on: occasion
        ) {
            guard let end = $0.removedAt, occasion.now < end else { return nil }
            $0.removedAt = nil
            return .made(difference: nil)
        }
    }

    /// What is done, and by whom.
    private struct Act: Sendable {
        let kind: Event.Kind
        let actor: OrganizationActor

        init(_ kind: Event.Kind, by actor: OrganizationActor) {
            self.kind = kind
            self.actor = actor
        }
    }

    private func perform(
        _ act: Act, on id: Organization.ID, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout Organization) -> Edit?
    ) async throws -> Change {
        do {
            return try await registry.change { transaction -> Change in
                let records = transaction.records(of: tenant)
                guard try records.organizations.hold(id),
                    var organization = try records.organizations.find(id)
                else { return .notFound }
                let power = try records.power(of: act.actor, in: id, on: occasion)
                if let refusal = power.refusal(of: .name) { return .refused(refusal) }
                guard let edit = change(&organization) else { return .unfit(organization.state) }
                guard edit != .outdated else { return .outdated }
                organization.updatedAt = occasion.now
                guard try !records.organizations.isTaken(organization.slug, by: id) else {
                    return .taken
                }
                try records.organizations.update(organization)
                try records.append(
                    act.kind, by: power.actor, of: id,
                    organization.suspensionDetail(for: act.kind) + edit.detail, on: occasion)
                return .changed(organization)
            }
        } catch DatabaseError.constraint {
            // The only row that the database itself can refuse here is one with a slug that another
            // transaction took at the same moment.
            return .taken
        }
    }
}

extension Organization {
    /// Why and by whom it was suspended, for the event that tells of it.
    fileprivate func suspensionDetail(
        for kind: Event.Kind
    ) -> [(name: StaticString, value: String)] {
        guard kind == .organizationSuspended, let suspension else { return [] }
        return [suspension.reason.map { ("reason", $0) }, suspension.actor.map { ("by", $0) }]
            .compactMap { $0 }
    }
}

extension TenantRecords {
    /// Tells of what somebody did to an organization, or in it.
    func append(
        _ kind: Event.Kind, by actor: Event.Actor, of organization: Organization.ID,
        _ detail: [(name: StaticString, value: String)], on occasion: Occasion
    ) throws {
        try events.append(
            Event(kind, by: actor, of: organization.text, detail: detail), on: occasion)
    }
}
