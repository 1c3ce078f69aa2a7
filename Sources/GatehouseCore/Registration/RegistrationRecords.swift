import GatehouseSQL

/// What stands beside the clients of one tenant that no operator registered: by which token each is
/// managed, and until when it may stay unused.
struct RegistrationRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How many clients made themselves known.
    func count() throws -> Int {
        let row = try transaction.row(
            """
            SELECT count(*) AS n FROM client
            WHERE tenant_id = \(tenantID) AND registration IS NOT NULL
            """)
        return Int(clamping: try row?.integer("n") ?? 0)
    }

    /// Makes room for one more client; false if there is none.
    ///
    /// The tenant's row is held, so that of several that come at once each counts the others.
    func makeRoom(in tenant: Tenant) throws -> Bool {
        guard try transaction.tenants.hold(tenant.slug) else { return false }
        return try count() < tenant.registrationPolicy.mostClients
    }

    /// Notes until when a client that was just added may stay unused.
    func begin(_ client: Client.ID, unusedUntil end: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE client SET unused_until = \(end)
            WHERE tenant_id = \(tenantID) AND id = \(client)
            """)
    }

    /// Gives a client the token that it is managed by.
    func setToken(_ digest: SecretDigest, of client: Client.ID) throws {
        try transaction.execute(
            """
            UPDATE client SET registration_digest = \(digest)
            WHERE tenant_id = \(tenantID) AND id = \(client)
            """)
    }

    /// True if the client is managed by the token.
    func isManaged(_ client: Client.ID, by digest: SecretDigest) throws -> Bool {
        try transaction.row(
            """
            SELECT id FROM client
            WHERE tenant_id = \(tenantID) AND id = \(client) AND registration_digest = \(digest)
            """) != nil
    }

    /// Replaces the token; true for one of those who bring the old one at once, who holds the row
    /// from then on.
    func rotateToken(
        of client: Client.ID, from old: SecretDigest, to new: SecretDigest
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE client SET registration_digest = \(new)
            WHERE tenant_id = \(tenantID) AND id = \(client) AND registration_digest = \(old)
            """) == 1
    }
}
