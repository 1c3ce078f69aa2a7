package import GatehouseProtocol
import GatehouseSQL

/// What the people of one tenant allowed clients.
package struct ConsentRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        c.id, c.user_id, c.client_id, c.organization_id, c.created_at, c.updated_at, p.resource,
        p.scope
        """
    private static let parts: SQL = """
        LEFT JOIN consent_part AS p ON p.tenant_id = c.tenant_id AND p.consent_id = c.id
        """

    package func find(_ id: Consent.ID) throws -> Consent? {
        try consents(
            transaction.rows(
                """
                SELECT \(Self.columns) FROM consent AS c \(Self.parts)
                WHERE c.tenant_id = \(tenantID) AND c.id = \(id) ORDER BY p.resource
                """)
        ).first
    }

    /// What a user allowed a client in an organization, or in none.
    package func find(
        of user: User.ID, to client: Client.ID, in organization: Organization.ID?
    ) throws -> Consent? {
        try consents(
            transaction.rows(
                """
                SELECT \(Self.columns) FROM consent AS c \(Self.parts)
                WHERE c.tenant_id = \(tenantID) AND c.user_id = \(user) AND c.client_id = \(client)
                    AND c.organization_id = \(organization?.text ?? "")
                ORDER BY p.resource
                """)
        ).first
    }

    /// Some consents of a tenant, oldest first: by one user, to one client and in one organization, as
    /// far as these are named.
    package struct Filter: Sendable {
        package var user: User.ID?
        package var client: Client.ID?
        package var organization: Organization.ID?

        package init(
            user: User.ID? = nil, client: Client.ID? = nil, organization: Organization.ID? = nil
        ) {
            self.user = user
            self.client = client
            self.organization = organization
        }

        /// One index serves each of the three; what else is named is looked at in what it finds.
        fileprivate var condition: SQL {
            var condition: SQL = ""
            if let user { condition = "\(condition) AND user_id = \(user)" }
            if let client { condition = "\(condition) AND client_id = \(client)" }
            if let organization {
                condition = "\(condition) AND organization_id = \(organization)"
            }
            return condition
        }
    }

    package func list(
        _ filter: Filter, after id: Consent.ID?, limit: Int
    ) throws -> [Consent] {
        try consents(
            transaction.rows(
                """
                SELECT \(Self.columns) FROM (
                    SELECT * FROM consent
                    WHERE tenant_id = \(tenantID) AND id > \(id?.text ?? "")\(filter.condition)
                    ORDER BY id LIMIT \(limit)) AS c
                \(Self.parts) ORDER BY c.id, p.resource
                """))
    }

    private func consents(_ rows: [Row]) throws -> [Consent] {
        try rows.grouped(by: "id", Consent.init) { try $0.addPart(of: $1) }
    }

    // MARK: Changes

    /// Holds what a user allowed a client until the transaction ends: whoever relies on it, adds to
    /// it or takes it back passes here, one after the other.
    package func hold(
        of user: User.ID, to client: Client.ID, in organization: Organization.ID?
    ) throws {
        try transaction.send(
            """
            UPDATE consent SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND client_id = \(client)
                AND organization_id = \(organization?.text ?? "")
            """)
    }

    /// The consent that grants of a user to a client stand on, held: made if there is none, with
    /// nothing that is allowed for good.
    package func findOrMake(
        of user: User.ID, to client: Client.ID, in organization: Organization.ID?,
        at now: Timestamp
    ) throws -> Consent {
        // The row first, so that there is one to hold; two tabs may allow at the same time.
        try transaction.execute(
            """
            INSERT INTO consent (tenant_id, id, user_id, client_id, organization_id, created_at,
                updated_at)
            VALUES (\(tenantID), \(Consent.ID(at: now)), \(user), \(client),
                \(organization?.text ?? ""), \(now), \(now))
            ON CONFLICT DO NOTHING
            """)
        try hold(of: user, to: client, in: organization)
        guard let consent = try find(of: user, to: client, in: organization) else {
            throw DatabaseError.unexpectedColumn("consent")
        }
        return consent
    }

    /// Remembers what a user said: what they allowed is added to what they allowed before, and what
    /// they did not allow any more is taken from it.
    package func remember(
        _ parts: [ConsentPart], allowing allowed: Scope, in consent: Consent, at now: Timestamp
    ) throws {
        for part in parts {
            let kept = consent.scope(at: part.resource).subtracting(part.scope)
            let scope = kept.adding(part.scope.intersection(allowed))
            try transaction.send(
                """
                INSERT INTO consent_part (tenant_id, consent_id, resource, scope)
                VALUES (\(tenantID), \(consent.id), \(part.resource), \(scope.text))
                ON CONFLICT (tenant_id, consent_id, resource) DO UPDATE SET scope = \(scope.text)
                """)
        }
        try transaction.send(
            """
            UPDATE consent SET updated_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(consent.id)
            """)
    }

    /// Forgets one.
    ///
    /// False if it was forgotten before.
    package func delete(_ id: Consent.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM consent WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }

    /// Forgets what was allowed in an organization, by one user or by all, and revokes what came of
    /// it: who acts there no more, allows nothing there any more.
    func takeBackAll(
        in organization: Organization.ID, of user: User.ID? = nil, at now: Timestamp
    ) throws {
        let condition = Filter(user: user, organization: organization).condition
        try transaction.send(
            """
            UPDATE consent SET updated_at = updated_at
            WHERE tenant_id = \(tenantID)\(condition)
            """)
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND revoked_at IS NULL AND consent_id IN (
                SELECT id FROM consent WHERE tenant_id = \(tenantID)\(condition))
            """)
        try transaction.send(
            "DELETE FROM consent WHERE tenant_id = \(tenantID)\(condition)")
    }

    /// Forgets what anybody allowed at a resource that is no more.
    package func forgetAll(at resource: ResourceIndicator) throws {
        try transaction.send(
            """
            DELETE FROM consent_part
            WHERE tenant_id = \(tenantID) AND resource = \(resource.text)
            """)
    }
}

extension TenantRecords {
    /// What a grant stands on that was given elsewhere than at the page that asks for good: the
    /// person can take it back like any other, and is asked again all the same.
    ///
    /// Nil where the client is the tenant's own.
    func consent(for grant: Grant, to client: Client, at now: Timestamp) throws -> Consent.ID? {
        guard client.isOfThirdParty else { return nil }
        return try consents.findOrMake(
            of: grant.userID, to: client.id, in: grant.organizationID, at: now
        ).id
    }
}
