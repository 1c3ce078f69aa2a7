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
            return try records.takeBack(consent, by: actor, on: occasion)
        }
    }

    /// What became of a consent that an organization was to take back.
    package enum Revocation: Sendable {
        case revoked
        /// There is none of that id in the organization.
        case notFound
        /// Whoever wanted it may not do it, and nothing was changed.
        case refused(AdministrationRefusal)
    }

    /// Takes one back that a member gave in an organization, as somebody who administers it.
    package func revoke(
        _ id: Consent.ID, in organization: Organization.ID, of tenant: Tenant.ID,
        by visit: AdministratorVisit, on occasion: Occasion
    ) async throws -> Revocation {
        try await database.write { transaction in
            let records = transaction.records(of: tenant)
            guard try records.organizations.hold(organization),
                let consent = try records.consents.find(id),
                consent.organizationID == organization
            else { return .notFound }
            let power = try records.power(
                of: .administrator(visit), in: organization, on: occasion)
            let ofOwner = try records.isOwner(consent.userID, of: organization)
            if let refusal = power.refusal(of: .consent(ofOwner: ofOwner)) {
                return .refused(refusal)
            }
            return try records.takeBack(consent, by: power.actor, on: occasion)
                ? .revoked : .notFound
        }
    }
}

extension TenantRecords {
    fileprivate func takeBack(
        _ consent: Consent, by actor: Event.Actor, on occasion: Occasion
    ) throws -> Bool {
        try consents.hold(of: consent.userID, to: consent.clientID, in: consent.organizationID)
        guard try consents.delete(consent.id) else { return false }
        try grants.revokeAll(standingOn: consent.id, at: occasion.now)
        try events.append(
            Event(
                .consentRevoked, by: actor, of: consent.id.text,
                detail: [("client", consent.clientID.text), ("user", consent.userID.text)]),
            on: occasion)
        return true
    }
}
