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
        default:
            let names = try await names()
            return .array(try await people.list().map { $0.shown(within: names) })
        }
    }

    private func set() async throws -> JSONValue {
        let email = try operation.value(
            "email", "That is no e-mail address.", EmailAddress.init(parsing:))
        let name = try operation.value(
            "name", "The name must be one line of 1 to 100 visible characters.",
            DisplayName.init(parsing:))
        let role = try operation.value(
            "role", "--role must be viewer, support, admin or owner.",
            AdministratorRole.init(rawValue:))
        guard let email, let role else {
            throw OperationError(.wrongUse, "Whoever administers needs an --email and a --role.")
        }
        let reach = try await reach()
        let user = try await people.set(
            email, called: name, to: .init(role, of: reach), on: setting.occasion)
        let names = try await names()
        guard
            let person = try await people.list().first(where: {
                $0.user.id == user.id && $0.standing.reach == reach
            }), case .object(var shown) = person.shown(within: names)
        else { throw OperationError(.conflict, "They were removed meanwhile.") }
        if let secret = try await setting.gatehouse.adminLink.issue(
            to: user.id, on: setting.occasion)
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
        guard try await people.remove(id, from: reach(), on: setting.occasion) else {
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

    /// What they administer: the tenant that is named, or all of the installation.
    private func reach() async throws -> AdministratorReach {
        guard let text = operation.text("within"), !text.isEmpty else { return .installation }
        guard let slug = Slug(parsing: text),
            let tenant = try await setting.gatehouse.tenants.find(slug)
        else { throw OperationError(.notFound, "There is no tenant “\(text)”.") }
        return .tenant(tenant.id)
    }

    /// The slugs of the tenants that somebody administers by name.
    private func names() async throws -> [Tenant.ID: Slug] {
        var names: [Tenant.ID: Slug] = [:]
        for person in try await people.list() {
            guard case .tenant(let id) = person.standing.reach, names[id] == nil else { continue }
            names[id] = try await setting.gatehouse.tenants.find(id)?.slug
        }
        return names
    }
}

extension AdministerAdministrators.Person {
    /// The person as commands print them.
    fileprivate func shown(within names: [Tenant.ID: Slug]) -> JSONValue {
        var within: Slug?
        if case .tenant(let id) = standing.reach { within = names[id] }
        return .object(
            JSONObject([
                ("id", .string(user.id.text)), ("email", .optional(user.email?.text)),
                ("name", .optional(user.name?.text)), ("role", .string(standing.role.rawValue)),
                ("within", .optional(within?.text)), ("created_at", .time(createdAt)),
                ("created_by", .string(createdBy)),
            ]))
    }
}
