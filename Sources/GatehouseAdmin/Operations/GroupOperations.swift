import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the groups of an organization.
struct GroupOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var groups: AdministerOrganizationGroups { setting.gatehouse.organizationGroups }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let organization = try await OrganizationOperations(
            operation: operation, setting: setting
        ).find(in: tenant)
        let (id, occasion) = (organization.id, setting.occasion)
        switch operation.name {
        case .createGroup:
            let change = try await groups.create(
                name(), carrying: operation.roleNames() ?? [], of: id, in: tenant.id,
                on: occasion)
            return .object(try group(of: change).shown)
        case .updateGroup:
            guard let roles = try operation.roleNames() else {
                throw OperationError(.wrongUse, "Say what the group is to carry: --role.")
            }
            let change = try await groups.update(
                name(), of: id, toCarry: roles, in: tenant.id, on: occasion)
            let group = try group(of: change)
            try await setting.foresee(.group(group.id), in: tenant)
            return .object(group.shown)
        case .deleteGroup:
            let change = try await groups.delete(name(), of: id, in: tenant.id, on: occasion)
            return ["deleted": .string(try group(of: change).id.text)]
        case .addToGroup, .removeFromGroup:
            return try await changeMember(of: organization, in: tenant)
        default:
            return .array(
                try await groups.list(of: id, in: tenant.id).map { .object($0.shown) })
        }
    }

    /// The group that a command names.
    func find(of organization: Organization, in tenant: Tenant) async throws -> OrganizationGroup {
        let name = try name()
        guard let group = try await groups.find(name, of: organization.id, in: tenant.id) else {
            throw OperationError(.notFound, "There is no such group.")
        }
        return group
    }

    private func changeMember(
        of organization: Organization, in tenant: Tenant
    ) async throws -> JSONValue {
        let user = try await UserOperations(operation: operation, setting: setting)
            .find(in: tenant)
        let change =
            if operation.name == .addToGroup {
                try await groups.add(
                    user.id, to: name(), of: organization.id, in: tenant.id,
                    on: setting.occasion)
            } else {
                try await groups.remove(
                    user.id, from: name(), of: organization.id, in: tenant.id,
                    on: setting.occasion)
            }
        let group = try group(of: change)
        if operation.name == .addToGroup {
            try await setting.foresee(.memberships(of: user.id), in: tenant)
        }
        return .object(group.shown)
    }

    private func name() throws(OperationError) -> OrganizationGroup.Name {
        guard let name = OrganizationGroup.Name(parsing: try operation.require("group")) else {
            throw OperationError(
                .wrongUse,
                "A group is called by 1 to 64 letters, digits, hyphens or underscores.")
        }
        return name
    }

    private func group(
        of change: AdministerOrganizationGroups.Change
    ) throws(OperationError) -> OrganizationGroup {
        switch change {
        case .changed(let group): return group
        case .notFound: throw OperationError(.notFound, "There is no such group.")
        case .taken: throw OperationError(.conflict, "There is a group of this name already.")
        case .tooMany:
            throw OperationError(
                .conflict,
                """
                An organization has at most \(OrganizationGroup.mostOfOrganization) groups, and a \
                member is in at most \(OrganizationGroup.mostOfMember).
                """)
        case .noRole(let name):
            throw OperationError(.notFound, "There is no role “\(name.text)” there.")
        case .tooManyRoles:
            throw OperationError(
                .wrongUse, "A group carries at most \(Membership.mostRoles) roles.")
        case .noMember: throw OperationError(.notFound, "The user is no member.")
        case .inside: throw OperationError(.conflict, "The member is in the group already.")
        case .outside: throw OperationError(.notFound, "The member is not in the group.")
        case .lastOwner:
            throw OperationError(.conflict, "Nobody else would own the organization.")
        case .refused: throw OperationError.mayNot
        case .gone: throw OperationError(.notFound, "The organization or the user is gone.")
        }
    }
}

extension OrganizationGroup {
    /// The group as commands print it.
    fileprivate var shown: JSONObject {
        JSONObject([
            ("id", .string(id.text)), ("name", .string(name.text)),
            ("organization", .string(organizationID.text)),
            ("roles", .array(roles.map { .string($0.name.text) })),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("updated_at", .string(CalendarTime(updatedAt).timestamp)),
        ])
    }
}
