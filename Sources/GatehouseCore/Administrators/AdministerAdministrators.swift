import GatehouseProtocol
package import GatehouseSQL

/// The people who administer: let in, given another role, and kept out.
///
/// They are users of the installation's own tenant, and have no password: a one-time link lets each
/// in.
package struct AdministerAdministrators: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// A person and what they are somewhere.
    package struct Person: Sendable {
        package let user: User
        package let standing: Administrator.Standing
        package let createdAt: Timestamp
        /// Who made them one, as events name them.
        package let createdBy: String
    }

    /// Has the person of an address administer, from now on as this and nothing else there.
    package func set(
        _ email: EmailAddress, called name: DisplayName?, to standing: Administrator.Standing,
        on occasion: Occasion
    ) async throws -> Person {
        let newcomer = User(
            name: name, email: email, username: nil, passwordHash: nil, at: occasion.now)
        return try await database.write { transaction in
            let people = transaction.records(of: Tenant.instance)
            _ = try people.users.insert(newcomer)
            guard let user = try people.users.find(.email(email)) else { throw NoSuchPerson() }
            let records = transaction.records(of: standing.reach.tenant)
            try records.administrators.set(user.id, to: standing.role, on: occasion)
            try records.events.append(
                Event(
                    .administratorSet, by: occasion.operator, of: user.id.text,
                    detail: [("role", standing.role.rawValue)]),
                on: occasion)
            guard let person = try records.administrators.find(user) else { throw NoSuchPerson() }
            return person
        }
    }

    /// The person lost their account while it was looked at.
    private struct NoSuchPerson: Error {}

    /// All who administer something, with each thing that they do.
    package func list() async throws -> [Person] {
        try await database.read { try $0.administrators() }
    }

    /// Keeps a person out of what they administered; false if they did not.
    package func remove(
        _ id: User.ID, from reach: AdministratorReach, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: reach.tenant)
            guard try records.administrators.remove(id) else { return false }
            try records.events.append(
                Event(.administratorRemoved, by: occasion.operator, of: id.text), on: occasion)
            return true
        }
    }
}
