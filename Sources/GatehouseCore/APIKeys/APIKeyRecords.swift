import GatehouseSQL

/// The API keys of one tenant.
package struct APIKeyRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, name, beginning, user_id, organization_id, audience, scopes, networks, created_at,
        expires_at, last_used_at
        """

    package func find(_ digest: SecretDigest) throws -> APIKey? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM api_key
            WHERE tenant_id = \(tenantID) AND digest = \(digest)
            """
        ).map(APIKey.init)
    }

    package func find(_ id: APIKey.ID) throws -> APIKey? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM api_key WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(APIKey.init)
    }

    /// The keys of a tenant after one of them, oldest first: those of one user and of one organization,
    /// as far as these are named.
    package func list(
        of user: User.ID?, in organization: Organization.ID?, after id: APIKey.ID?, limit: Int
    ) throws -> [APIKey] {
        var condition: SQL = ""
        if let user { condition = "\(condition) AND user_id = \(user)" }
        if let organization { condition = "\(condition) AND organization_id = \(organization)" }
        return try transaction.rows(
            """
            SELECT \(Self.columns) FROM api_key
            WHERE tenant_id = \(tenantID) AND id > \(id?.text ?? "")\(condition)
            ORDER BY id LIMIT \(limit)
            """
        ).map(APIKey.init)
    }

    /// How many keys somebody has.
    func count(of owner: APIKey.Owner) throws -> Int64 {
        let row =
            switch owner {
            case .user(let user), .member(let user, _):
                try transaction.row(
                    """
                    SELECT count(*) AS n FROM api_key
                    WHERE tenant_id = \(tenantID) AND user_id = \(user)
                    """)
            case .organization(let organization):
                try transaction.row(
                    """
                    SELECT count(*) AS n FROM api_key
                    WHERE tenant_id = \(tenantID) AND organization_id = \(organization)
                        AND user_id IS NULL
                    """)
            }
        return try row?.integer("n") ?? 0
    }

    func insert(_ key: APIKey, digest: SecretDigest) throws {
        try transaction.execute(
            """
            INSERT INTO api_key (tenant_id, id, digest, name, beginning, user_id, organization_id,
                audience, scopes, networks, created_at, expires_at)
            VALUES (\(tenantID), \(key.id), \(digest), \(key.name.text), \(key.beginning),
                \(key.owner.user), \(key.owner.organization),
                \(key.audience.joined(separator: " ")), \(key.scopes.stored),
                \(key.networks.map(\.text).joined(separator: " ")), \(key.createdAt),
                \(key.expiresAt))
            """)
    }

    /// Records that an API was told that a key is good.
    func touch(_ id: APIKey.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE api_key SET last_used_at = \(now) WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Makes a key useless at once; false if there is none of that id.
    func delete(_ id: APIKey.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM api_key WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

extension TenantRecords {
    package var apiKeys: APIKeyRecords {
        APIKeyRecords(tenantID: tenantID, transaction: transaction)
    }
}
