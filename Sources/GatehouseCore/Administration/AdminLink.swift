package import GatehouseSQL

/// The one-time link that lets whoever has the machine's shell into the administration, so that
/// there is no default password and no lost log line that matters.
package struct AdminLink: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// How long a link can be used.
    package static let lifetime = Lifetime.minutes(15)

    /// Makes a link's secret.
    ///
    /// Links made before and not used work no more: only the newest does.
    package func issue(on occasion: Occasion) async throws -> Secret {
        let secret = Secret(for: .adminLink)
        let newcomer = User(
            name: DisplayName(parsing: "Administrator"), email: nil,
            username: Username(parsing: "administrator"), passwordHash: nil, at: occasion.now)
        try await database.write { transaction in
            let records = transaction.records(of: Tenant.instance)
            _ = try records.users.insert(newcomer)
            // Held, so that of two links made at the same moment one is the newer.
            guard let name = newcomer.username,
                let administrator = try records.users.find(.username(name)),
                try records.users.hold(administrator.id)
            else { throw NoAdministrator() }
            try records.administrators.set(administrator.id, to: .owner, on: occasion)
            try records.issueAdminLink(secret, to: administrator.id, on: occasion)
        }
        return secret
    }

    /// Makes a link for a person who administers something; nil if they do not.
    package func issue(to id: User.ID, on occasion: Occasion) async throws -> Secret? {
        let secret = Secret(for: .adminLink)
        return try await database.write { transaction in
            let records = transaction.records(of: Tenant.instance)
            guard try records.users.hold(id), try !transaction.standings(of: id).isEmpty else {
                return nil
            }
            try records.issueAdminLink(secret, to: id, on: occasion)
            return secret
        }
    }

    /// The installation's own tenant lost its administrator.
    private struct NoAdministrator: Error {}

    /// How long the link can still be used; nil if it cannot.
    ///
    /// Looking does not use it: mail scanners and previews look too.
    package func remainingLifetime(of secret: Secret, at now: Timestamp) async throws -> Lifetime? {
        try await database.read { transaction in
            let found = try transaction.records(of: Tenant.instance).oneTimeSecrets.find(secret)
            guard let found, found.consumedAt == nil, now < found.expiresAt else { return nil }
            return .seconds(found.expiresAt.seconds - now.seconds)
        }
    }

    /// Uses the link and opens an administrator's session.
    ///
    /// Nil if it was used or is over.
    package func use(_ secret: Secret, on occasion: Occasion) async throws -> Secret? {
        let cookie = Secret(for: .session)
        return try await database.write { transaction in
            let records = transaction.records(of: Tenant.instance)
            guard try records.oneTimeSecrets.claim(secret, at: occasion.now).changedOne(),
                let id = try records.oneTimeSecrets.find(secret)?.userID,
                let user = try records.users.find(id), user.disabledAt == nil
            else { return nil }
            let session = Session(of: user.id, by: [], at: occasion.now)
            try records.sessions.insert(session, digest: cookie.digest)
            try records.events.append(
                Event(.adminLinkUsed, by: .user(user.id), of: session.id.text), on: occasion)
            return cookie
        }
    }

    /// Ends an administrator's session.
    package func signOut(_ cookie: Secret, on occasion: Occasion) async throws {
        try await database.write { transaction in
            let records = transaction.records(of: Tenant.instance)
            guard let session = try records.sessions.find(cookie.digest),
                try records.sessions.end(session.id, at: occasion.now)
            else { return }
            try records.events.append(
                Event(.signedOut, by: .user(session.userID), of: session.id.text), on: occasion)
        }
    }
}

extension TenantRecords {
    /// Keeps the secret of a link; those that the person had before work no more.
    fileprivate func issueAdminLink(
        _ secret: Secret, to user: User.ID, on occasion: Occasion
    ) throws {
        try oneTimeSecrets.consumeAll(.adminLink, of: user, at: occasion.now)
        try oneTimeSecrets.insert(
            OneTimeSecret(secret, user: user, lifetime: AdminLink.lifetime, at: occasion.now))
        try events.append(
            Event(.adminLinkIssued, by: occasion.operator, of: user.text), on: occasion)
    }
}
