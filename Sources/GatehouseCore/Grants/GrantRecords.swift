private import GatehouseEncoding
package import GatehouseProtocol
package import GatehouseSQL

/// The grants of one tenant.
package struct GrantRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a grant, in a statement that calls the table `g`.
    static let columns: SQL = """
        g.id, g.client_id, g.user_id, g.session_id, g.issuer, g.scope, g.audience, g.offline,
        g.authenticated_at, g.authentication_methods, g.created_at, g.expires_at, g.revoked_at,
        g.confirmation, g.claims, g.authorization_details, g.organization_id, g.consent_id,
        g.through_organization_id
        """
    static let columnCount = 19

    package func find(_ id: Grant.ID) throws -> Grant? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM authorization_grant AS g
            WHERE g.tenant_id = \(tenantID) AND g.id = \(id)
            """
        ).map(Grant.init)
    }

    /// A grant with everyone that it stands on.
    func findStanding(_ id: Grant.ID) throws -> GrantStanding? {
        try transaction.row(
            """
            SELECT \(GrantStanding.columns) FROM authorization_grant AS g
            \(GrantStanding.joins)
            WHERE g.tenant_id = \(tenantID) AND g.id = \(id)
            """
        ).map { try GrantStanding.read($0).0 }
    }

    /// A grant with everyone that it stands on, unless this access token of it was revoked.
    func findStanding(_ id: Grant.ID, unlessRevoked tokenID: String) throws -> GrantStanding? {
        try transaction.row(
            """
            SELECT \(GrantStanding.columns) FROM authorization_grant AS g
            \(GrantStanding.joins)
            LEFT JOIN revoked_access_token AS r
                ON r.tenant_id = g.tenant_id AND r.id = \(tokenID)
            WHERE g.tenant_id = \(tenantID) AND g.id = \(id) AND r.id IS NULL
            """
        ).map { try GrantStanding.read($0).0 }
    }

    /// The latest grant that a client has of a user in a session, with everyone that it stands on.
    func findLatestStanding(
        to client: Client.ID, of user: User.ID, in session: Session.ID, at now: Timestamp
    ) throws -> GrantStanding? {
        try transaction.row(
            """
            SELECT \(GrantStanding.columns) FROM authorization_grant AS g
            \(GrantStanding.joins)
            WHERE g.tenant_id = \(tenantID) AND g.session_id = \(session)
                AND g.client_id = \(client) AND g.user_id = \(user) AND g.revoked_at IS NULL
                AND g.expires_at > \(now)
            ORDER BY g.id DESC LIMIT 1
            """
        ).map { try GrantStanding.read($0).0 }
    }

    package func insert(_ grant: Grant) throws {
        try transaction.send(
            """
            INSERT INTO authorization_grant (tenant_id, id, client_id, user_id, session_id, issuer,
                scope, audience, offline, authenticated_at, authentication_methods, created_at,
                last_used_at, expires_at, claims, authorization_details, organization_id, consent_id,
                through_organization_id)
            VALUES (\(tenantID), \(grant.id), \(grant.clientID), \(grant.userID),
                \(grant.sessionID), \(grant.issuer), \(grant.scope.text),
                \(grant.audience.joined(separator: " ")),
                \(grant.isOffline ? 1 : 0), \(grant.authenticatedAt),
                \(grant.authenticationMethods.stored), \(grant.createdAt), \(grant.createdAt),
                \(grant.expiresAt), \(grant.claims.stored),
                \(grant.authorizationDetails?.text), \(grant.organizationID), \(grant.consentID),
                \(grant.through))
            """)
    }

    /// Records that the grant is in use, and holds its row until the transaction ends: whoever
    /// issues from a grant passes here, one after the other.
    ///
    /// The first confirmation binds the grant for good. False if it was revoked, or is bound to
    /// another one.
    package func touch(
        _ id: Grant.ID, confirmedBy confirmation: Confirmation? = nil, at now: Timestamp
    ) throws -> Submitted {
        guard let confirmation = confirmation?.stored else {
            return try transaction.submit(
                """
                UPDATE authorization_grant SET last_used_at = \(now)
                WHERE tenant_id = \(tenantID) AND id = \(id) AND revoked_at IS NULL
                    AND confirmation IS NULL
                """)
        }
        return try transaction.submit(
            """
            UPDATE authorization_grant SET last_used_at = \(now), confirmation = \(confirmation)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND revoked_at IS NULL
                AND (confirmation IS NULL OR confirmation = \(confirmation))
            """)
    }

    /// Records that the grant is in use by whoever has an access token of it, whatever it is bound
    /// to.
    ///
    /// False if it was revoked.
    func touchByToken(_ id: Grant.ID, at now: Timestamp) throws -> Submitted {
        try transaction.submit(
            """
            UPDATE authorization_grant SET last_used_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND revoked_at IS NULL
            """)
    }

    /// Selects another organization for what is issued from a grant.
    package func select(_ organization: Organization.ID, for id: Grant.ID) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET organization_id = \(organization)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Lets a grant last until another time.
    package func extend(_ id: Grant.ID, to expiry: Timestamp) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET expires_at = \(expiry)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Revokes a grant.
    ///
    /// False if it was revoked before.
    package func revoke(_ id: Grant.ID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND revoked_at IS NULL
            """) == 1
    }

    /// Revokes every grant of a user.
    package func revokeAll(of user: User.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND revoked_at IS NULL
            """)
    }

    /// Revokes every grant that is for a resource, alone or among others.
    package func revokeAll(for resource: ResourceIndicator, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND revoked_at IS NULL
                AND ' ' || audience || ' ' LIKE \("% " + Self.escaped(resource.text) + " %") ESCAPE '\\'
            """)
    }

    /// Revokes every grant of a user who signed in through an organization.
    func revokeAll(
        of user: User.ID, through organization: Organization.ID, at now: Timestamp
    ) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND revoked_at IS NULL
                AND through_organization_id = \(organization)
            """)
    }

    /// When one of the grants that stand on a consent was used last.
    func lastUse(standingOn consent: Consent.ID) throws -> Timestamp? {
        try transaction.row(
            """
            SELECT MAX(last_used_at) AS last_used_at FROM authorization_grant
            WHERE tenant_id = \(tenantID) AND consent_id = \(consent)
            """
        )?.optionalInteger("last_used_at").map(Timestamp.init(milliseconds:))
    }

    /// When the grants that stand on each consent of a user were used last.
    func lastUses(standingOnConsentsOf user: User.ID) throws -> [Consent.ID: Timestamp] {
        let rows = try transaction.rows(
            """
            SELECT consent_id, MAX(last_used_at) AS last_used_at FROM authorization_grant
            WHERE tenant_id = \(tenantID) AND consent_id IN (
                SELECT id FROM consent WHERE tenant_id = \(tenantID) AND user_id = \(user))
            GROUP BY consent_id
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (
                    Consent.ID(stored: try $0.text("consent_id")),
                    Timestamp(milliseconds: try $0.integer("last_used_at"))
                )
            })
    }

    /// Revokes every grant that stands on a consent.
    package func revokeAll(standingOn consent: Consent.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND consent_id = \(consent) AND revoked_at IS NULL
            """)
    }

    /// A text as `LIKE` finds it and nothing else.
    private static func escaped(_ text: String) -> String {
        String(text.flatMap { "%_\\".contains($0) ? ["\\", $0] : [$0] })
    }

    /// Revokes the grants that were to last as long as their session.
    package func revokeOnline(ofSession session: Session.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE authorization_grant SET revoked_at = \(now)
            WHERE tenant_id = \(tenantID) AND session_id = \(session) AND offline = 0
                AND revoked_at IS NULL
            """)
    }
}

extension Confirmation {
    /// One text for each confirmation, so that a statement can compare them.
    var stored: String { String(decoding: jsonObject.serialized(), as: UTF8.self) }

    init(stored text: String) throws {
        guard let confirmation = Confirmation(try JSONObject(parsing: Array(text.utf8))) else {
            throw DatabaseError.unexpectedColumn("authorization_grant.confirmation")
        }
        self = confirmation
    }
}
