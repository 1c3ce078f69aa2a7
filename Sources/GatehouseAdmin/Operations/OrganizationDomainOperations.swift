import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What commands do to the domains of organizations.
struct OrganizationDomainOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var domains: AdministerOrganizationDomains { setting.gatehouse.organizationDomains }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        let organization = try await OrganizationOperations(
            operation: operation, setting: setting
        ).find(in: tenant)
        let id = organization.id
        guard operation.name != .listOrganizationDomains else {
            return .array(
                try await domains.list(of: id, in: tenant.id).map { .object($0.shown) })
        }
        let host = try host()
        switch operation.name {
        case .addOrganizationDomain:
            var rules = OrganizationDomain.Rules()
            try change()(&rules)
            return try shown(
                await domains.add(host, to: id, of: tenant.id, by: rules, on: setting.occasion))
        case .updateOrganizationDomain:
            return try shown(
                await domains.update(
                    host, of: id, in: tenant.id, on: setting.occasion, try change()))
        case .verifyOrganizationDomain: return try await verify(host, of: id, in: tenant)
        default:
            let change = try await domains.remove(
                host, from: id, of: tenant.id, on: setting.occasion)
            _ = try shown(change)
            return ["removed": .string(host.text)]
        }
    }

    private func host() throws(OperationError) -> HostName {
        let text = try operation.require("host")
        guard let host = HostName(parsing: text), host.isQualified else {
            throw OperationError(
                .wrongUse, "“\(text)” is not a domain in lower case, such as example.com.")
        }
        return host
    }

    /// What the command makes of the rules of a domain.
    private func change() throws(OperationError)
        -> @Sendable (inout OrganizationDomain.Rules) -> Void
    {
        let roles = try operation.roleNames()
        let (joins, isRequired) = (operation.arguments["join"], operation.arguments["require"])
        return { rules in
            if let joins = joins?.bool { rules.joins = joins }
            if let roles { rules.roles = Set(roles).sorted() }
            if let isRequired = isRequired?.bool { rules.isRequired = isRequired }
        }
    }

    private func verify(
        _ host: HostName, of organization: Organization.ID, in tenant: Tenant
    ) async throws -> JSONValue {
        let verification = try await domains.verify(
            host, of: organization, in: tenant.id, on: setting.occasion)
        switch verification {
        case .verified:
            let found = try await domains.list(of: organization, in: tenant.id)
                .first { $0.claim.host == host }
            guard let found else { throw Self.notFound }
            return .object(found.shown)
        case .inUse:
            throw OperationError(
                .conflict, "Another organization has proved “\(host.text)” before.")
        case .unknown: throw Self.notFound
        case .missing, .unavailable: throw verification.refusal
        }
    }

    private static let notFound = OperationError(
        .notFound, "The organization has no such domain.")

    private func shown(
        _ change: AdministerOrganizationDomains.Change
    ) throws(OperationError) -> JSONValue {
        switch change {
        case .changed(let domain): return .object(domain.shown)
        case .notFound: throw Self.notFound
        case .taken: throw OperationError(.conflict, "The organization has this domain already.")
        case .tooMany:
            throw OperationError(
                .conflict,
                "An organization has at most \(AdministerOrganizationDomains.limit) domains.")
        case .noRole(let name):
            throw OperationError(.notFound, "There is no role “\(name.text)” there.")
        case .makesOwners(let name):
            throw OperationError(
                .wrongUse, "The role “\(name.text)” makes owners: nobody gets it by an address.")
        case .tooManyRoles:
            throw OperationError(.wrongUse, "A member has at most \(Membership.mostRoles) roles.")
        case .gone: throw OperationError(.notFound, "The organization is gone.")
        }
    }
}

extension OrganizationDomain {
    /// The domain as commands print it.
    fileprivate var shown: JSONObject {
        var object = JSONObject([
            ("host", .string(claim.host.text)), ("organization", .string(organizationID.text)),
            ("state", .string(claim.verifiedAt == nil ? "unverified" : "in_use")),
            ("join", .bool(rules.joins)),
            ("roles", .array(rules.roles.map { .string($0.text) })),
            ("require", .bool(rules.isRequired)),
        ])
        claim.addProof(to: &object)
        return object
    }
}
