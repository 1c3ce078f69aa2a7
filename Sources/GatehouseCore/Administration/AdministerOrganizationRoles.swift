package import GatehouseSQL

/// What is done to the roles of a tenant and of its organizations.
package struct AdministerOrganizationRoles: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What became of a change.
    package enum Change: Sendable {
        case changed(OrganizationRole)
        case notFound
        /// There is a role of that name.
        case taken
        /// Somebody has it, and would become an owner by the change, or be one no more, or have a role
        /// that is gone.
        case held
        /// The organization is gone.
        case gone
    }

    /// The roles of an organization or, without one, of the tenant.
    package func list(
        of organization: Organization.ID?, in tenant: Tenant.ID
    ) async throws -> [OrganizationRole] {
        try await database.read {
            try $0.records(of: tenant).organizationRoles.all(of: organization)
        }
    }

    package func create(
        _ role: OrganizationRole, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            if let organization = role.organizationID,
                try !records.organizations.hold(organization)
            {
                return .gone
            }
            guard try records.organizationRoles.insert(role) else { return .taken }
            try records.append(.organizationRoleCreated, role, on: occasion)
            return .changed(role)
        }
    }

    /// Changes the scopes of a role, for all who have it.
    package func update(
        _ name: OrganizationRole.Name, of organization: Organization.ID?,
        to scopes: MembershipScopes, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Change {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizationRoles.hold(name, of: organization),
                let old = try records.organizationRoles.find(name, of: organization)
            else { return .notFound }
            var role = old
            role.scopes = scopes
            role.updatedAt = occasion.now
            guard try role.isOwner == old.isOwner || !records.organizationRoles.isHeld(role.id)
            else { return .held }
            try records.organizationRoles.update(role)
            try records.append(.organizationRoleUpdated, role, on: occasion)
            return .changed(role)
        }
    }

    /// Deletes a role that nobody has.
    package func delete(
        _ name: OrganizationRole.Name, of organization: Organization.ID?, in tenant: Tenant.ID,
        on occasion: Occasion
    ) async throws -> Change {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizationRoles.hold(name, of: organization),
                let role = try records.organizationRoles.find(name, of: organization)
            else { return .notFound }
            guard try !records.organizationRoles.isHeld(role.id) else { return .held }
            try records.organizationRoles.delete(role.id)
            try records.append(.organizationRoleDeleted, role, on: occasion)
            return .changed(role)
        }
    }
}

extension TenantRecords {
    fileprivate func append(
        _ kind: Event.Kind, _ role: OrganizationRole, on occasion: Occasion
    ) throws {
        try events.append(
            Event(
                kind, by: occasion.operator, of: role.id.text,
                detail: [("name", role.name.text), ("organization", role.organizationID?.text)]
                    .compactMap { detail in detail.1.map { (detail.0, $0) } }),
            on: occasion)
    }
}
