import GatehouseCore
import GatehouseEncoding

/// What commands do to users.
struct UserOperations {
    let operation: Operation
    let setting: Operation.Setting

    private var users: AdministerUsers { setting.gatehouse.users }

    func perform() async throws -> JSONValue {
        let tenant = try await operation.tenant(in: setting)
        switch operation.name {
        case .createUser: return try await create(in: tenant)
        case .listUsers:
            let after = try operation.value(
                "after", "--after needs the id of a user.", User.ID.init(parsing:))
            return .array(
                try await users.list(in: tenant.id, after: after, limit: operation.limit())
                    .map(\.shown))
        case .updateUser: return try await update(in: tenant)
        case .deleteUser:
            return try await delete(in: tenant)
        default: return try await find(in: tenant).shown
        }
    }

    /// The user of an id, an address or a username.
    func find(in tenant: Tenant) async throws -> User {
        let text = try operation.require("user")
        if let id = User.ID(parsing: text), let user = try await users.find(id, in: tenant.id) {
            return user
        }
        if let name = SignInName(parsing: text),
            let user = try await users.find(name, in: tenant.id)
        {
            return user
        }
        throw OperationError(.notFound, "There is no user “\(text)” in “\(tenant.slug.text)”.")
    }

    private func delete(in tenant: Tenant) async throws -> JSONValue {
        let user = try await find(in: tenant)
        let deletion = try await users.delete(user.id, in: tenant.id, on: setting.occasion)
        if case .lastOwner(let organization) = deletion {
            throw OperationError(
                .conflict, "Nobody else owns the organization “\(organization.text)”.")
        }
        return ["deleted": .string(user.id.text)]
    }

    private func create(in tenant: Tenant) async throws -> JSONValue {
        let values = try Values(operation, in: tenant)
        guard values.email != nil || values.username != nil else {
            throw OperationError(.wrongUse, "A user needs --email or --username.")
        }
        var user = User(
            name: values.name, email: values.email, username: values.username, passwordHash: nil,
            at: setting.occasion.now)
        if operation.arguments["verified"]?.bool ?? false {
            user.emailVerifiedAt = setting.occasion.now
        }
        guard
            let created = try await users.create(
                user, password: values.password, in: tenant.id, on: setting.occasion)
        else {
            throw OperationError(.conflict, "A user with this e-mail or username exists already.")
        }
        return created.shown
    }

    private func update(in tenant: Tenant) async throws -> JSONValue {
        let user = try await find(in: tenant)
        let values = try Values(operation, in: tenant)
        let verified = operation.arguments["verified"]?.bool
        let disabled = operation.arguments["disabled"]?.bool
        let now = setting.occasion.now
        let change = try await users.update(
            user.id, password: values.password, in: tenant.id, on: setting.occasion
        ) { [setting] user in
            setting.edit(&user, shown: \.shown, hiding: ["name", "email", "username"]) { user in
                values.apply(to: &user)
                if let verified {
                    user.emailVerifiedAt = verified ? user.emailVerifiedAt ?? now : nil
                }
                if let disabled { user.disabledAt = disabled ? user.disabledAt ?? now : nil }
            }
        }
        switch change {
        case .changed(let user): return user.shown
        case .notFound: throw OperationError(.notFound, "The user is gone.")
        case .outdated: throw OperationError.outdated
        case .taken:
            throw OperationError(.conflict, "Another user has this e-mail or username.")
        }
    }

    /// The values of a user that a command gives.
    private struct Values: Sendable {
        let name: DisplayName?
        let email: EmailAddress?
        let username: Username?
        let password: Password?

        init(_ operation: Operation, in tenant: Tenant) throws(OperationError) {
            name = try operation.displayName()
            email = try operation.value(
                "email", "That is not an e-mail address in plain ASCII, such as kay@example.com.",
                EmailAddress.init(parsing:))
            username = try operation.value(
                "username", "A username has 2 to 64 letters, digits, dots, hyphens or underscores.",
                Username.init(parsing:))
            guard let text = operation.text("password") else {
                password = nil
                return
            }
            do throws(PasswordRefusal) {
                password = try Password(
                    setting: text,
                    context: [email?.text, username?.text, name?.text].compactMap { $0 })
            } catch {
                throw OperationError(.wrongUse, "The password cannot be used. \(error.rawValue)")
            }
        }

        /// Makes the change, but for the password.
        func apply(to user: inout User) {
            if let name { user.name = name }
            if let email, email.key != user.email?.key {
                user.email = email
                user.emailVerifiedAt = nil
            }
            if let username { user.username = username }
        }
    }
}
