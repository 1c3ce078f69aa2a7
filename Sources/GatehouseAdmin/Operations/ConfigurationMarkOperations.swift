import GatehouseCore
import GatehouseEncoding

/// What commands do to the marks of what configurations manage.
struct ConfigurationMarkOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var marks: AdministerConfigurationMarks { setting.gatehouse.configurationMarks }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        guard operation.name != .listMarks else {
            return .array(try await marks.list(in: tenant.id).map(\.shown))
        }
        let (kind, object) = (try kind(), try operation.require("object"))
        if operation.name == .removeMark {
            let isRemoved = try await marks.remove(
                kind, object, in: tenant.id, on: setting.occasion)
            guard isRemoved else {
                throw OperationError(.notFound, "No configuration manages “\(object)”.")
            }
            return ["removed": .string(object)]
        }
        guard let mark = try operation.mark(kind, object) else {
            throw OperationError(.wrongUse, "managed_by is missing.", about: "managed_by")
        }
        guard try await marks.set(mark, in: tenant.id, on: setting.occasion) else {
            throw OperationError(
                .notFound, "There is no such thing as “\(object)” in “\(tenant.slug.text)”.")
        }
        return mark.shown
    }

    private func kind() throws(OperationError) -> ConfigurationMark.Kind {
        let text = try operation.require("kind")
        guard let kind = ConfigurationMark.Kind(rawValue: text) else {
            throw OperationError(.notFound, "Configurations manage no “\(text)”.")
        }
        return kind
    }
}

extension Operation {
    /// What the arguments say of who manages something; nil if they say nothing of it.
    func mark(
        _ kind: ConfigurationMark.Kind, _ object: String
    ) throws(OperationError) -> ConfigurationMark? {
        let manager = try value(
            "managed_by", "managed_by must be 1 to 63 lower-case letters, digits and hyphens.",
            Slug.init(parsing:))
        let name = try value(
            "managed_as", "managed_as must be 1 to 600 visible ASCII characters.",
            ConfigurationMark.Name.init(parsing:))
        guard manager != nil || name != nil else { return nil }
        guard let manager, let name else {
            throw OperationError(.wrongUse, "managed_by and managed_as go together.")
        }
        return ConfigurationMark(kind, object, by: manager, as: name)
    }
}

extension Operation {
    /// What it changes or deletes, as marks call it; nil if no configuration manages such things.
    private var managedKind: ConfigurationMark.Kind? {
        switch name {
        case .updateClient, .deleteClient: .client
        case .updateResource, .deleteResource: .resource
        case .updateTrustedIssuer, .deleteTrustedIssuer: .trustedIssuer
        case .updateRole, .deleteRole: .role
        case .updateOrganization, .deleteOrganization: .organization
        case .updateGroup, .deleteGroup: .group
        default: nil
        }
    }

    /// Warns whoever changed what a configuration manages: it would be changed back.
    func warnOfManager(of result: JSONValue, in setting: Setting) async {
        let id = (result["client_id"] ?? result["id"] ?? result["deleted"])?.string
        guard let kind = managedKind, let id else { return }
        // It is done already: whoever asked must not hear that it failed.
        let mark = try? await setting.gatehouse.configurationMarks.find(
            kind, id, in: tenant(in: setting).id)
        guard let mark, mark.manager != manager else { return }
        setting.warnings.add(
            "The configuration “\(mark.manager.text)” manages this as “\(mark.name.text)”: unless it is changed there too, it will be what that says again."
        )
    }
}

extension ConfigurationMark {
    /// The mark as commands print it.
    fileprivate var shown: JSONValue {
        .object(
            JSONObject([
                ("kind", .string(kind.rawValue)), ("id", .string(object)),
                ("managed_by", .string(manager.text)), ("managed_as", .string(name.text)),
            ]))
    }
}

extension ClientUsage {
    /// The usage as commands print it.
    func shown(of client: Client.ID) -> JSONValue {
        func list(_ name: String, _ uses: [(text: String, count: Int64)]) -> JSONValue {
            .array(
                uses.map { use in
                    .object(
                        JSONObject([(name, .string(use.text)), ("sign_ins", .integer(use.count))]))
                })
        }
        return .object(
            JSONObject([
                ("client_id", .string(client.text)), ("since", .time(since)),
                ("sign_ins", .integer(signIns)), ("refreshes", .integer(refreshes)),
                ("tokens", .integer(tokens)), ("redirect_uris", list("redirect_uri", redirectURIs)),
                ("scopes", list("scope", scopes)),
            ]))
    }
}
