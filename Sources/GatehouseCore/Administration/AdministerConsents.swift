package import GatehouseSQL

/// What is done to what people allowed clients: listed, and taken back.
package struct AdministerConsents: Sendable {
    let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// What was allowed, oldest first, from after an id.
    package func list(
        in tenant: Tenant.ID, _ filter: ConsentRecords.Filter, after id: Consent.ID?, limit: Int
    ) async throws -> [Consent] {
        try await database.read {
            try $0.records(of: tenant).consents.list(filter, after: id, limit: limit)
        }
    }

    /// Takes one back, and revokes what came of it: the person is asked again.
    ///
    /// A user takes back nobody's consent but their own. False if there is none of that id.
    package func revoke(
        _ id: Consent.ID, of user: User.ID? = nil, in tenant: Tenant.ID, by actor: Event.Actor,
        on occasion: Occasion
    ) async throws -> Bool {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard let consent = try records.consents.find(id),
                user == nil || user == consent.userID
            else { return false }
            try records.consents.hold(
                of: consent.userID, to: consent.clientID, in: consent.organizationID)
            guard try records.consents.delete(id) else { return false }
            try records.grants.revokeAll(standingOn: id, at: occasion.now)
            try records.events.append(
                Event(
                    .consentRevoked, by: actor, of: id.text,
                    detail: [("client", consent.clientID.text), ("user", consent.userID.text)]),
                on: occasion)
            return true
        }
    }
}
