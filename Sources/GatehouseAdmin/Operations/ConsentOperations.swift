import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb

/// What commands do to what people allowed clients.
struct ConsentOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var consents: AdministerConsents { setting.gatehouse.consents }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .revokeConsent: return try await revoke(in: tenant)
        default: return try await list(in: tenant)
        }
    }

    private func list(in tenant: Tenant) async throws -> JSONValue {
        let user =
            try await operation.text("user") == nil
            ? nil : UserOperations(operation: operation, setting: setting).find(in: tenant)
        let client = try operation.value(
            "client", "--client needs the id of a client.", Client.ID.init(parsing:))
        let organization =
            try await operation.text("organization") == nil
            ? nil
            : OrganizationOperations(operation: operation, setting: setting).find(in: tenant)
        let after = try operation.value(
            "after", "--after needs the id of a consent.", Consent.ID.init(parsing:))
        return .array(
            try await consents.list(
                in: tenant.id,
                .init(user: user?.id, client: client, organization: organization?.id),
                after: after, limit: operation.limit()
            ).map(\.shown))
    }

    private func revoke(in tenant: Tenant) async throws -> JSONValue {
        let text = try operation.require("consent")
        guard let id = Consent.ID(parsing: text),
            try await consents.revoke(
                id, in: tenant.id, by: setting.occasion.operator, on: setting.occasion)
        else {
            throw OperationError(
                .notFound, "There is no consent “\(text)” in “\(tenant.slug.text)”.")
        }
        return ["revoked": .string(text)]
    }
}

extension Consent {
    /// The consent as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("id", .string(id.text)), ("user", .string(userID.text)),
                ("client", .string(clientID.text)),
                ("organization", .optional(organizationID?.text)),
                ("allowed", .array(parts.map(\.shown))),
                ("created_at", .string(CalendarTime(createdAt).timestamp)),
                ("updated_at", .string(CalendarTime(updatedAt).timestamp)),
            ]))
    }
}

extension ConsentPart {
    /// The part as commands print it; a null resource stands for who the person is.
    fileprivate var shown: JSONValue {
        [
            "resource": .optional(resource.isEmpty ? nil : resource), "scope": .string(scope.text),
        ]
    }
}
