package import GatehouseSQL

/// Shows a person which applications of others may use their account, and takes that back for them.
package struct AllowedApplications: Sendable {
    let database: any Database
    let consents: AdministerConsents

    package init(database: any Database) {
        self.database = database
        consents = AdministerConsents(database: database)
    }

    /// The most that a person is shown.
    private static let limit = 1_000

    /// One application, and what it may do.
    package struct Allowed: Sendable {
        package let consent: Consent
        package let client: Client
        /// In whose name the person allowed it; nil if in nobody's but their own.
        package let organization: Organization?
        /// When the application last got or used something; nil if it never did.
        package let lastUsedAt: Timestamp?
    }

    /// What whoever is signed in with a browser allowed, what was used last first; nil if nobody is
    /// signed in.
    package func list(
        from browser: Browser, at tenant: Tenant, on occasion: Occasion
    ) async throws -> (current: LiveSession, allowed: [Allowed])? {
        try await database.read { transaction in
            let records = transaction.records(of: tenant.id)
            guard
                let current = try records.liveSession(
                    browser.session, in: tenant, at: occasion.now)
            else { return nil }
            let consents = try records.consents.list(
                .init(user: current.user.id), after: nil, limit: Self.limit)
            let allowed = try records.allowed(consents, by: current.user.id)
            return (
                current,
                allowed.sorted {
                    ($0.lastUsedAt ?? $0.consent.updatedAt)
                        > ($1.lastUsedAt ?? $1.consent.updatedAt)
                }
            )
        }
    }

    /// Takes back what whoever is signed in with a browser allowed, and revokes what came of it.
    ///
    /// False if nothing happened: it is somebody else's, or was taken back before.
    package func takeBack(
        _ id: Consent.ID, from browser: Browser, at tenant: Tenant, on occasion: Occasion
    ) async throws -> Bool {
        let current = try await database.read {
            try $0.records(of: tenant.id).liveSession(
                browser.session, in: tenant, at: occasion.now)
        }
        guard let user = current?.user.id else { return false }
        return try await consents.revoke(
            id, of: user, in: tenant.id, by: .user(user), on: occasion)
    }
}

extension TenantRecords {
    /// What each consent of a person is about: one question for each kind of record, however many
    /// consents there are.
    fileprivate func allowed(
        _ consents: [Consent], by user: User.ID
    ) throws -> [AllowedApplications.Allowed] {
        let clients = Dictionary(
            uniqueKeysWithValues: try clients.all(allowedBy: user).map { ($0.id, $0) })
        let organizations = Dictionary(
            uniqueKeysWithValues: try organizations.all(namedInConsentsOf: user).map { ($0.id, $0) }
        )
        let uses = try grants.lastUses(standingOnConsentsOf: user)
        return consents.compactMap { consent in
            clients[consent.clientID].map { client in
                AllowedApplications.Allowed(
                    consent: consent, client: client,
                    organization: consent.organizationID.flatMap { organizations[$0] },
                    lastUsedAt: uses[consent.id])
            }
        }
    }

    /// A consent with whom it is for; nil if the application is gone.
    func allowed(_ consent: Consent) throws -> AllowedApplications.Allowed? {
        guard let client = try clients.find(consent.clientID) else { return nil }
        return AllowedApplications.Allowed(
            consent: consent, client: client,
            organization: try consent.organizationID.flatMap(organizations.find),
            lastUsedAt: try grants.lastUse(standingOn: consent.id))
    }
}
