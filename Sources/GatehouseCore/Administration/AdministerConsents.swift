package import GatehouseSQL

/// What is done to what people allowed clients: listed, and taken back.
package struct AdministerConsents: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What was allowed, oldest first, from after an id: by one user or to one client if they are
    /// named.
    package func list(
        in tenant: Tenant.ID, of user: User.ID?, to client: Client.ID?, after id: Consent.ID?,
        limit: Int
    ) async throws -> [Consent] {
        try await database.read {
            try $0.records(of: tenant).consents.list(of: user, to: client, after: id, limit: limit)
        }
    }

    /// Takes one back, and revokes what came of it: the person is asked again.
    ///
    /// False if there is none of that id.
    package func revoke(
        _ id: Consent.ID, in tenant: Tenant.ID, on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard let consent = try records.consents.find(id) else { return false }
            try records.consents.hold(of: consent.userID, to: consent.clientID)
            guard try records.consents.delete(id) else { return false }
            try records.grants.revokeAll(standingOn: consent, at: occasion.now)
            try records.events.append(
                Event(
                    .consentRevoked, by: .operatorAtShell, of: id.text,
                    detail: [("client", consent.clientID.text), ("user", consent.userID.text)]),
                on: occasion)
            return true
        }
    }
}
