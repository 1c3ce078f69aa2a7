package import GatehouseSQL

/// Where people are signed in, looked at and ended by those who administer.
package struct AdministerSessions: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// The sessions of a user that are alive, oldest first.
    package func list(
        of user: User.ID, in tenant: Tenant.ID, at now: Timestamp
    ) async throws -> [Session] {
        try await database.read { try $0.records(of: tenant).sessions.live(of: user, at: now) }
    }

    /// Ends a session of a user with what was to last as long; false if there is none such.
    package func end(
        _ id: Session.ID, of user: User.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard let session = try records.sessions.find(id), session.userID == user else {
                return false
            }
            return try records.end(session, by: occasion.operator, on: occasion) != nil
        }
    }

    /// Ends every session of a user, and every grant of theirs: they sign in anew everywhere.
    ///
    /// False if there is no such user.
    package func endAll(
        of user: User.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.users.hold(user) else { return false }
            try records.endAll(of: user, on: occasion)
            try records.events.append(
                Event(.userSignedOut, by: occasion.operator, of: user.text), on: occasion)
            return true
        }
    }
}
