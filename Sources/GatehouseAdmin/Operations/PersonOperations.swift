import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol

/// What is done about the people who administer.
struct PersonOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var people: AdministerAdministrators { setting.gatehouse.administrators }

    func perform() async throws -> JSONValue {
        switch operation.name {
        case .setAdministrator: return try await set()
        case .linkAdministrator: return try await link()
        case .removeAdministrator: return try await remove()
        default: return try await list()
        }
    }

    private func set() async throws -> JSONValue {
        let email = try operation.value(
            "email", "That is no e-mail address.", EmailAddress.init(parsing:))
        let name = try operation.displayName()
        let role = try operation.administratorRole()
        guard let email, let role else {
            throw OperationError(.wrongUse, "Whoever administers needs an --email and a --role.")
        }
        let tenant = try await tenant()
        let person = try await people.set(
            email, called: name, to: .init(role, of: Self.reach(tenant)), on: setting.occasion)
        var shown = person.shown(within: tenant?.slug)
        if let secret = try await setting.gatehouse.adminLink.issue(
            to: person.user.id, on: setting.occasion)
        {
            shown.add("url", .string(address(of: secret)))
        }
        return .object(shown)
    }

    private func link() async throws -> JSONValue {
        let (text, id) = try person()
        guard
            let secret = try await setting.gatehouse.adminLink.issue(to: id, on: setting.occasion)
        else { throw Self.nobody(text) }
        return [
            "url": .string(address(of: secret)),
            "expires_in": .integer(Int64(AdminLink.lifetime.seconds)),
        ]
    }

    private func remove() async throws -> JSONValue {
        let (text, id) = try person()
        guard try await people.remove(id, from: Self.reach(tenant()), on: setting.occasion) else {
            throw Self.nobody(text)
        }
        return ["removed": .string(text)]
    }

    private func person() throws -> (String, User.ID) {
        let text = try operation.require("person")
        guard let id = User.ID(parsing: text) else { throw Self.nobody(text) }
        return (text, id)
    }

    private static func nobody(_ text: String) -> OperationError {
        OperationError(.notFound, "Nobody of the id “\(text)” administers that.")
    }

    private func address(of secret: Secret) -> String {
        Portal.address(of: secret, base: setting.addresses.base)
    }

    /// The one tenant that they administer; nil for all of the installation.
    private func tenant() async throws -> Tenant? {
        guard let text = operation.text("within"), !text.isEmpty else { return nil }
        guard let slug = Slug(parsing: text),
            let tenant = try await setting.gatehouse.tenants.find(slug)
        else { throw OperationError(.notFound, "There is no tenant “\(text)”.") }
        return tenant
    }

    private static func reach(_ tenant: Tenant?) -> AdministratorReach {
        tenant.map { .tenant($0.id) } ?? .installation
    }

    private func list() async throws -> JSONValue {
        var slugs: [Tenant.ID: Slug] = [:]
        var shown: [JSONValue] = []
        for person in try await people.list() {
            var within: Slug?
            if case .tenant(let id) = person.standing.reach {
                if slugs[id] == nil {
                    slugs[id] = try await setting.gatehouse.tenants.find(id)?.slug
                }
                within = slugs[id]
            }
            shown.append(.object(person.shown(within: within)))
        }
        return .array(shown)
    }
}

extension AdministerAdministrators.Person {
    /// The person as commands print them.
    fileprivate func shown(within tenant: Slug?) -> JSONObject {
        JSONObject([
            ("id", .string(user.id.text)), ("email", .optional(user.email?.text)),
            ("name", .optional(user.name?.text)), ("role", .string(standing.role.rawValue)),
            ("within", .optional(tenant?.text)), ("created_at", .time(createdAt)),
            ("created_by", .string(createdBy)),
        ])
    }
}
