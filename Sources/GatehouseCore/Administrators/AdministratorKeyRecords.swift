import GatehouseSQL

/// The administrator keys of one tenant; those of the whole installation are the instance's own.
package struct AdministratorKeyRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    fileprivate static let columns: SQL = """
        tenant_id, id, name, beginning, role, created_at, created_by, expires_at, last_used_at
        """

    /// The keys after one of them, oldest first.
    func list(after id: AdministratorKey.ID?, limit: Int) throws -> [AdministratorKey] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM administrator_key
            WHERE tenant_id = \(tenantID) AND id > \(id?.text ?? "")
            ORDER BY id LIMIT \(limit)
            """
        ).map(AdministratorKey.init)
    }

    func count() throws -> Int64 {
        try transaction.row(
            "SELECT count(*) AS n FROM administrator_key WHERE tenant_id = \(tenantID)")?
            .integer("n") ?? 0
    }

    func insert(_ key: AdministratorKey, digest: SecretDigest) throws {
        try transaction.execute(
            """
            INSERT INTO administrator_key (tenant_id, id, digest, name, beginning, role,
                created_at, created_by, expires_at)
            VALUES (\(tenantID), \(key.id), \(digest), \(key.name.text), \(key.beginning),
                \(key.role.rawValue), \(key.createdAt), \(key.createdBy), \(key.expiresAt))
            """)
    }

    /// Records that a key was used.
    func touch(_ id: AdministratorKey.ID, at now: Timestamp) throws {
        try transaction.send(
            """
            UPDATE administrator_key SET last_used_at = \(now)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }

    /// Makes a key useless at once; false if there is none of that id.
    func delete(_ id: AdministratorKey.ID) throws -> Bool {
        try transaction.execute(
            "DELETE FROM administrator_key WHERE tenant_id = \(tenantID) AND id = \(id)") == 1
    }
}

extension TenantRecords {
    var administratorKeys: AdministratorKeyRecords {
        AdministratorKeyRecords(tenantID: tenantID, transaction: transaction)
    }
}

extension Transaction {
    /// The key that has a digest, of the installation or of a tenant that can be used.
    func administratorKey(_ digest: SecretDigest) throws -> AdministratorKey? {
        // Every tenant: whoever brings the key says nothing of what it reaches; the key does.
        try row(
            """
            SELECT \(AdministratorKeyRecords.columns) FROM administrator_key AS k
            WHERE digest = \(digest) AND EXISTS (
                SELECT 1 FROM tenant AS t
                WHERE t.tenant_id = k.tenant_id AND t.disabled_at IS NULL)
            """
        ).map(AdministratorKey.init)
    }
}
