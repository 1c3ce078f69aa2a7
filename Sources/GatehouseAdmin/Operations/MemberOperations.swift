import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to the members of an organization.
struct MemberOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var memberships: AdministerMemberships { setting.gatehouse.memberships }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let organization = try await OrganizationOperations(
            operation: operation, setting: setting
        ).find(in: tenant)
        guard operation.name != .listMembers else {
            return try await list(organization, in: tenant)
        }
        let user = try await UserOperations(operation: operation, setting: setting)
            .find(in: tenant)
        let (id, occasion) = (organization.id, setting.occasion)
        switch operation.name {
        case .addMember:
            let change = try await memberships.add(
                user.id, to: id, as: try change(), of: tenant.id, on: occasion)
            return try await shown(change, in: tenant)
        case .removeMember:
            let change = try await memberships.remove(
                user.id, from: id, of: tenant.id, on: occasion)
            return ["removed": .string(try membership(of: change).userID.text)]
        default:
            let change = try await memberships.update(
                user.id, in: id, by: try change(), of: tenant.id, on: occasion)
            return try await shown(change, in: tenant)
        }
    }

    private func shown(
        _ change: AdministerMemberships.Change, in tenant: Tenant
    ) async throws -> JSONValue {
        let membership = try membership(of: change)
        if operation.name != .suspendMember {
            try await setting.foresee(.memberships(of: membership.userID), in: tenant)
        }
        return .object(membership.shown)
    }

    private func list(_ organization: Organization, in tenant: Tenant) async throws -> JSONValue {
        let after = try operation.value(
            "after", "--after needs the id of a user.", User.ID.init(parsing:))
        var group: OrganizationGroup?
        if operation.text("group") != nil {
            group = try await GroupOperations(operation: operation, setting: setting)
                .find(of: organization, in: tenant)
        }
        return .array(
            try await memberships.list(
                in: organization.id, of: tenant.id, group: group?.id, after: after,
                limit: operation.limit()
            ).map { .object($0.shown) })
    }

    /// What the command makes of a membership.
    private func change() throws(OperationError) -> MembershipChange {
        var change = MembershipChange()
        switch operation.name {
        case .suspendMember: change.state = .suspended
        case .activateMember: change.state = .active
        default: break
        }
        change.title = try operation.memberTitle()
        change.scopes = try operation.membershipScopes()
        change.roles = try operation.roleNames()
        return change
    }

    private func membership(
        of change: AdministerMemberships.Change
    ) throws(OperationError) -> Membership {
        switch change {
        case .changed(let membership): return membership
        case .notFound: throw OperationError(.notFound, "The user is no member.")
        case .taken: throw OperationError(.conflict, "The user is a member already.")
        case .noRole(let name):
            throw OperationError(.notFound, "There is no role “\(name.text)” there.")
        case .tooManyRoles:
            throw OperationError(.wrongUse, "A member has at most \(Membership.mostRoles) roles.")
        case .lastOwner:
            throw OperationError(.conflict, "Nobody else owns the organization.")
        case .outdated: throw OperationError(.conflict, "Somebody changed the member meanwhile.")
        case .refused: throw OperationError.mayNot
        case .gone: throw OperationError(.notFound, "The organization or the user is gone.")
        }
    }
}

extension Operation {
    /// The title that a command gives a member; an empty text takes it away.
    func memberTitle() throws(OperationError) -> DisplayName?? {
        guard let text = text("title") else { return nil }
        if text.isEmpty { return .some(nil) }
        guard let title = DisplayName(parsing: text) else {
            throw OperationError(
                .wrongUse, "The title must be one line of 1 to 100 visible characters.")
        }
        return title
    }

    /// The roles that a command names; an empty text stands for none.
    func roleNames() throws(OperationError) -> [OrganizationRole.Name]? {
        guard let texts = arguments["roles"]?.strings else { return nil }
        let wanted = texts.filter { !$0.isEmpty }
        let names = wanted.compactMap(OrganizationRole.Name.init(parsing:))
        guard names.count == wanted.count else {
            throw OperationError(.wrongUse, OrganizationRole.Name.rule)
        }
        return names
    }
}

extension Membership {
    /// The membership as commands print it.
    fileprivate var shown: JSONObject {
        JSONObject([
            ("organization", .string(organizationID.text)), ("user", .string(userID.text)),
            ("title", .optional(title?.text)),
            ("roles", .array(roles.map { .string($0.name.text) })),
            ("groups", .array(groups.map { .string($0.text) })),
            ("scopes", .array(scopes.texts.map { .string($0) })),
            ("all_scopes", .array(allScopes.texts.map { .string($0) })),
            ("state", .string(suspendedAt == nil ? "active" : "suspended")),
            ("joined_at", .string(CalendarTime(joinedAt).timestamp)),
            ("updated_at", .string(CalendarTime(updatedAt).timestamp)),
        ])
    }
}
