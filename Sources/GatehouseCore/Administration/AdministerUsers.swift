package import GatehouseSQL

/// What is done to users: made, changed, deleted.
package struct AdministerUsers: Sendable {
    let database: any Database
    let hasher: PasswordHasher

    package init(database: any Database, hasher: PasswordHasher) {
        self.database = database
        self.hasher = hasher
    }

    /// Adds a user, with a password if one is given.
    ///
    /// Nil if the address or username is taken.
    package func create(
        _ user: User, password: Password?, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> User? {
        var complete = user
        if let password { complete.passwordHash = try await hasher.hash(password) }
        return try await database.write { [complete] transaction in
            let records = transaction.records(of: tenant)
            guard try records.users.insert(complete) else { return nil }
            try records.events.append(
                Event(.userCreated, by: occasion.operator, of: complete.id.text), on: occasion)
            return complete
        }
    }

    /// What changing a user led to.
    package enum Change: Sendable {
        case changed(User)
        case notFound
        /// Another user has the address or the username.
        case taken
        /// It is not what whoever changes it looked at before.
        case outdated
    }

    /// Changes a user.
    ///
    /// A new password, or being disabled, ends every session and grant of theirs, and no browser is
    /// known to be theirs any more.
    package func update(
        _ id: User.ID, password: Password?, in tenant: Tenant.ID, on occasion: Occasion,
        _ change: @escaping @Sendable (inout User) -> Edit
    ) async throws -> Change {
        let hash = try await password.asyncMap(hasher.hash)
        let outcome = try await database.writeUnlessGone { transaction -> Change in
            let records = transaction.records(of: tenant)
            guard try records.users.hold(id), var user = try records.users.find(id) else {
                return .notFound
            }
            let edit = change(&user)
            guard edit != .outdated else { return .outdated }
            if let hash { user.passwordHash = hash }
            user.updatedAt = occasion.now
            guard try !records.users.isTaken(email: user.email, username: user.username, by: id)
            else { return .taken }
            try records.users.update(user)
            if hash != nil || user.disabledAt != nil {
                try records.endAll(of: id, on: occasion)
                try records.knownDevices.forgetAll(of: id)
            }
            try records.events.append(
                Event(
                    hash == nil ? .userUpdated : .passwordChanged, by: occasion.operator,
                    of: id.text, detail: edit.detail),
                on: occasion)
            return .changed(user)
        }
        // The only row that the database itself can refuse here is one with a name that another
        // transaction took at the same moment.
        return outcome ?? .taken
    }

    package func find(_ id: User.ID, in tenant: Tenant.ID) async throws -> User? {
        try await database.read { try $0.records(of: tenant).users.find(id) }
    }

    package func find(_ name: SignInName, in tenant: Tenant.ID) async throws -> User? {
        try await database.read { try $0.records(of: tenant).users.find(name) }
    }

    package func list(
        in tenant: Tenant.ID, after id: User.ID?, limit: Int
    ) async throws -> [User] {
        try await database.read { try $0.records(of: tenant).users.list(after: id, limit: limit) }
    }

    /// What became of a deletion.
    package enum Deletion: Sendable {
        case deleted
        case notFound
        /// Nobody else owns this organization.
        case lastOwner(Organization.ID)
    }

    /// Deletes a user with their sessions, grants and memberships.
    package func delete(
        _ id: User.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Deletion {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.users.hold(id) else { return .notFound }
            try records.organizations.holdAll(of: id)
            if let organization = try records.memberships.organizationOwnedAlone(by: id) {
                return .lastOwner(organization)
            }
            // Ended first: once the rows are gone nobody knows whom to tell.
            try records.endAll(of: id, on: occasion)
            for organization in try records.memberships.organizations(of: id) {
                try records.append(
                    .membershipDeleted, by: occasion.operator, of: organization,
                    [("user", id.text)], on: occasion)
            }
            // Told first, too: which clients know the person is in rows that go with theirs.
            try records.events.append(
                Event(.userDeleted, by: occasion.operator, of: id.text), on: occasion)
            return try records.users.delete(id) ? .deleted : .notFound
        }
    }
}

extension Optional where Wrapped: Sendable {
    fileprivate func asyncMap<Value: Sendable>(
        _ transform: (Wrapped) async throws -> Value
    ) async throws -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
