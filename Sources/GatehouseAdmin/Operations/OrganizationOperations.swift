import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to organizations.
struct OrganizationOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var organizations: AdministerOrganizations { setting.gatehouse.organizations }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createOrganization: return try await create(in: tenant)
        case .listOrganizations: return try await list(in: tenant)
        case .updateOrganization: return try await update(in: tenant)
        case .suspendOrganization: return try await suspend(in: tenant)
        case .activateOrganization:
            let organization = try await find(in: tenant)
            let change = try await organizations.activate(
                organization.id, in: tenant.id, on: setting.occasion)
            return try await shownAndForeseen(change, in: tenant)
        case .deleteOrganization: return try await delete(in: tenant)
        case .setOrganizationLogos:
            return try await setLogos(try ManageLogos.Images(operation), in: tenant)
        case .removeOrganizationLogos: return try await setLogos(nil, in: tenant)
        case .restoreOrganization:
            let organization = try await find(in: tenant)
            let change = try await organizations.restore(
                organization.id, in: tenant.id, on: setting.occasion)
            return try await shownAndForeseen(change, in: tenant)
        default: return .object(try await find(in: tenant).shown)
        }
    }

    /// The organization of an id or a slug.
    func find(in tenant: Tenant) async throws -> Organization {
        let text = try operation.require("organization")
        if let id = Organization.ID(parsing: text),
            let organization = try await organizations.find(id, in: tenant.id)
        {
            return organization
        }
        if let slug = Slug(parsing: text),
            let organization = try await organizations.find(slug, in: tenant.id)
        {
            return organization
        }
        throw OperationError(
            .notFound, "There is no organization “\(text)” in “\(tenant.slug.text)”.")
    }

    private func list(in tenant: Tenant) async throws -> JSONValue {
        let after = try operation.value(
            "after", "--after needs the id of an organization.", Organization.ID.init(parsing:))
        return .array(
            try await organizations.list(in: tenant.id, after: after, limit: operation.limit())
                .map { .object($0.shown) })
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        let values = try Values(operation)
        guard let slug = values.slug, let name = values.name else {
            throw OperationError(.wrongUse, "An organization needs a slug and a --name.")
        }
        let owner =
            try await operation.text("user") == nil
            ? nil : UserOperations(operation: operation, setting: setting).find(in: tenant)
        let organization = Organization(
            slug: slug, name: name, metadata: values.metadata ?? .none, at: setting.occasion.now)
        return try shown(
            await organizations.create(
                organization, ownedBy: owner?.id, in: tenant.id, on: setting.occasion))
    }

    private func update(in tenant: Tenant) async throws -> JSONValue {
        let organization = try await find(in: tenant)
        let values = try Values(operation)
        return try shown(
            await organizations.update(organization.id, in: tenant.id, on: setting.occasion) {
                [setting] organization in
                setting.edit(
                    &organization, shown: { .object($0.shown) }, values.apply(to:))
            })
    }

    private func suspend(in tenant: Tenant) async throws -> JSONValue {
        let organization = try await find(in: tenant)
        guard
            let suspension = Suspension(
                reason: operation.text("reason"), actor: operation.text("by"),
                at: setting.occasion.now)
        else {
            throw OperationError(
                .wrongUse,
                "--reason must be one line of 1 to 1000 characters, and --by of 1 to 200.")
        }
        return try shown(
            await organizations.suspend(
                organization.id, as: suspension, in: tenant.id, on: setting.occasion))
    }

    private func delete(in tenant: Tenant) async throws -> JSONValue {
        let organization = try await find(in: tenant)
        let days = operation.arguments["grace_days"]?.integer ?? 30
        guard (0...365).contains(days) else {
            throw OperationError(.wrongUse, "--grace-days must be 0 to 365.")
        }
        return try shown(
            await organizations.delete(
                organization.id, after: .days(days), in: tenant.id, on: setting.occasion))
    }

    /// The organization that people act in again, with a warning if that makes tokens too long.
    private func shownAndForeseen(
        _ change: AdministerOrganizations.Change, in tenant: Tenant
    ) async throws -> JSONValue {
        let shown = try shown(change)
        if case .changed(let organization) = change {
            try await setting.foresee(.organization(organization.id), in: tenant)
        }
        return shown
    }

    private func setLogos(
        _ images: ManageLogos.Images?, in tenant: Tenant
    ) async throws -> JSONValue {
        let organization = try await find(in: tenant)
        let changed = try await setting.gatehouse.logos.set(
            images, of: organization.id, in: tenant.id, on: setting.occasion)
        return try shown(changed.map { .changed($0) } ?? .notFound)
    }

    private func shown(
        _ change: AdministerOrganizations.Change
    ) throws(OperationError) -> JSONValue {
        switch change {
        case .changed(let organization): return .object(organization.shown)
        case .notFound: throw OperationError(.notFound, "The organization or the user is gone.")
        case .taken: throw OperationError(.conflict, "Another organization has this slug.")
        case .outdated: throw OperationError.outdated
        case .refused: throw OperationError.mayNot
        case .unfit(let state):
            throw OperationError(.conflict, "The organization is \(state.rawValue).")
        }
    }

    /// The values of an organization that a command gives.
    private struct Values: Sendable {
        let slug: Slug?
        let name: DisplayName?
        let metadata: OrganizationMetadata?
        let isVerifiedPublisher: Bool?
        /// Nil if it stays as it is.
        let sessionLength: Lifetime??

        init(_ operation: Operation) throws(OperationError) {
            slug = try operation.value(
                "slug",
                "The slug must be 1 to 63 lower-case letters, digits and hyphens.",
                Slug.init(parsing:))
            name = try operation.displayName()
            metadata = try operation.value(
                "metadata", "--metadata must be a JSON object of at most 4096 bytes.",
                OrganizationMetadata.init(parsing:))
            isVerifiedPublisher = operation.arguments["verified_publisher"]?.bool
            sessionLength = try operation.value(
                "session_length", "--session-length must be 5m to 14d, or none.",
                Self.sessionLength)
        }

        /// Makes the change.
        func apply(to organization: inout Organization) {
            if let slug { organization.slug = slug }
            if let name { organization.name = name }
            if let metadata { organization.metadata = metadata }
            if let isVerifiedPublisher { organization.verifyPublisher(isVerifiedPublisher) }
            if let sessionLength { organization.sessionLength = sessionLength }
        }

        private static func sessionLength(_ text: String) -> Lifetime?? {
            if text == "none" { return .some(nil) }
            guard let length = Lifetime(words: text), Organization.sessionLengths.contains(length)
            else { return nil }
            return .some(length)
        }
    }
}

extension Operation {
    /// How many of a list are wanted.
    func limit() throws(OperationError) -> Int {
        let limit = arguments["limit"]?.integer ?? 100
        guard (1...10_000).contains(limit) else {
            throw OperationError(.wrongUse, "--limit must be 1 to 10000.")
        }
        return Int(limit)
    }
}

extension Organization {
    /// The organization as commands print it.
    fileprivate var shown: JSONObject {
        var object = JSONObject([
            ("id", .string(id.text)), ("slug", .string(slug.text)), ("name", .string(name.text)),
            ("state", .string(state.rawValue)), ("verified_publisher", .bool(isVerifiedPublisher)),
            ("metadata", .object(metadata.json)),
            ("created_at", .string(CalendarTime(createdAt).timestamp)),
            ("updated_at", .string(CalendarTime(updatedAt).timestamp)),
        ])
        if let sessionLength { object.add("session_length", .string(sessionLength.words)) }
        if let suspension {
            object.add("suspended_at", .time(suspension.since))
            object.add("reason", .optional(suspension.reason))
            object.add("suspended_by", .optional(suspension.actor))
        }
        if let removedAt { object.add("removed_at", .time(removedAt)) }
        if let logos { object.add("logos", logos.shown) }
        return object
    }
}
