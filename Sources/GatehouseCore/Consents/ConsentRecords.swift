private import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// What the people of one tenant allowed clients.
package struct ConsentRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, user_id, client_id, resource, scope, created_at, updated_at
        """

    package func find(_ id: Consent.ID) throws -> Consent? {
        try transaction.row(
            "SELECT \(Self.columns) FROM consent WHERE tenant_id = \(tenantID) AND id = \(id)"
        ).map(Consent.init)
    }

    /// What a user allowed a client.
    package func all(of user: User.ID, to client: Client.ID) throws -> [Consent] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM consent
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND client_id = \(client)
            ORDER BY resource
            """
        ).map(Consent.init)
    }

    /// What was allowed, oldest first, from after an id: by one user if one is named, and to one
    /// client if one is named.
    package func list(
        of user: User.ID?, to client: Client.ID?, after id: Consent.ID?, limit: Int
    ) throws -> [Consent] {
        if let user, let client { return try all(of: user, to: client) }
        let after = id?.text ?? ""
        let rows =
            switch (user, client) {
            case (let user?, _):
                try transaction.rows(
                    """
                    SELECT \(Self.columns) FROM consent
                    WHERE tenant_id = \(tenantID) AND user_id = \(user) AND id > \(after)
                    ORDER BY id LIMIT \(limit)
                    """)
            case (nil, let client?):
                try transaction.rows(
                    """
                    SELECT \(Self.columns) FROM consent
                    WHERE tenant_id = \(tenantID) AND client_id = \(client) AND id > \(after)
                    ORDER BY id LIMIT \(limit)
                    """)
            case (nil, nil):
                try transaction.rows(
                    """
                    SELECT \(Self.columns) FROM consent
                    WHERE tenant_id = \(tenantID) AND id > \(after)
                    ORDER BY id LIMIT \(limit)
                    """)
            }
        return try rows.map(Consent.init)
    }

    /// Holds what a user allowed a client until the transaction ends: whoever relies on it, adds to
    /// it or takes it back passes here, one after the other.
    package func hold(of user: User.ID, to client: Client.ID) throws {
        try transaction.send(
            """
            UPDATE consent SET updated_at = updated_at
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND client_id = \(client)
                AND resource = ''
            """)
    }

    /// Remembers what a user said about a part: what they allowed is added to what they allowed
    /// before, and what they did not allow any more is taken from it.
    package func remember(
        _ part: ConsentPart, allowing allowed: Scope, of user: User.ID, to client: Client.ID,
        at now: Timestamp
    ) throws {
        // The row first, so that there is one to hold; two tabs may allow at the same time.
        try transaction.execute(
            """
            INSERT INTO consent (tenant_id, id, user_id, client_id, resource, scope, created_at,
                updated_at)
            VALUES (\(tenantID), \(Consent.ID(at: now)), \(user), \(client), \(part.resource), '',
                \(now), \(now))
            ON CONFLICT DO NOTHING
            """)
        try hold(of: user, to: client)
        let known = try all(of: user, to: client).first { $0.resource.isExactly(part.resource) }
        guard let known else { return }
        let kept = known.scope.subtracting(part.scope)
        let scope = kept.adding(part.scope.intersection(allowed))
        try transaction.send(
            """
            UPDATE consent SET scope = \(scope.text), updated_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(known.id)
            """)
    }

    /// Forgets one.
    ///
    /// False if it was forgotten before.
    package func delete(_ id: Consent.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM consent WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }

    /// Forgets what anybody allowed at a resource that is no more.
    package func forgetAll(at resource: ResourceIndicator) throws {
        try transaction.send(
            "DELETE FROM consent WHERE tenant_id = \(tenantID) AND resource = \(resource.text)")
    }
}
