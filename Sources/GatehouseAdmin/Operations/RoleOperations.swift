import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the roles of a tenant and of its organizations.
struct RoleOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var roles: AdministerOrganizationRoles { setting.gatehouse.organizationRoles }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let organization =
            try await operation.text("organization") == nil
            ? nil : OrganizationOperations(operation: operation, setting: setting).find(in: tenant)
        let (owner, occasion) = (organization?.id, setting.occasion)
        switch operation.name {
        case .createRole:
            let new = try OrganizationRole(
                name(), scopes() ?? .none, of: owner, at: occasion.now)
            let change = try await roles.create(new, in: tenant.id, on: occasion)
            return .object(try role(of: change).shown)
        case .updateRole:
            guard let scopes = try scopes() else {
                throw OperationError(.wrongUse, "Say what the role is to have: --scope.")
            }
            let change = try await roles.update(
                name(), of: owner, to: scopes, in: tenant.id, on: occasion)
            let role = try role(of: change)
            try await setting.foresee(.role(role.id), in: tenant)
            return .object(role.shown)
        case .deleteRole:
            let change = try await roles.delete(name(), of: owner, in: tenant.id, on: occasion)
            return ["deleted": .string(try role(of: change).id.text)]
        default:
            return .array(
                try await roles.list(of: owner, in: tenant.id).map { .object($0.shown) })
        }
    }

    private func name() throws(OperationError) -> OrganizationRole.Name {
        let text = try operation.require("role")
        guard let name = OrganizationRole.Name(parsing: text) else {
            throw OperationError(.wrongUse, OrganizationRole.Name.rule)
        }
        return name
    }

    private func scopes() throws(OperationError) -> MembershipScopes? {
        try operation.membershipScopes()
    }

    private func role(
        of change: AdministerOrganizationRoles.Change
    ) throws(OperationError) -> OrganizationRole {
        switch change {
        case .changed(let role): return role
        case .notFound: throw OperationError(.notFound, "There is no such role.")
        case .taken: throw OperationError(.conflict, "There is a role of this name already.")
        case .held:
            throw OperationError(
                .conflict,
                "A member has the role, or a group carries it: it can be neither deleted, nor gain or lose “owner”."
            )
        case .gone: throw OperationError(.notFound, "The organization is gone.")
        }
    }
}

extension OrganizationRole.Name {
    /// What a name must be.
    static let rule = "A role is called by 1 to 64 letters, digits, hyphens or underscores."
}

extension Operation {
    /// The scopes that a command gives, for a role or a member.
    func membershipScopes() throws(OperationError) -> MembershipScopes? {
        guard let texts = arguments["scopes"]?.strings else { return nil }
        guard let scopes = MembershipScopes(parsing: texts.filter { !$0.isEmpty }) else {
            throw OperationError(
                .wrongUse,
                "A scope is resource:action, such as projects:write or projects.tasks:**, or "
                    + "owner, admin or member; at most 100 of them.")
        }
        return scopes
    }
}

extension OrganizationRole {
    /// The role as commands print it.
    fileprivate var shown: JSONObject {
        JSONObject([
            ("id", .string(id.text)), ("name", .string(name.text)),
            ("organization", .optional(organizationID?.text)),
            ("scopes", .array(scopes.texts.map { .string($0) })),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("updated_at", .string(CalendarTime(updatedAt).timestamp)),
        ])
    }
}
