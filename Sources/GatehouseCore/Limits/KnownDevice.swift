import GatehouseSQL

/// The browsers that people signed in with before.
///
/// Knowing one lets nobody in. It only decides where wrong passwords are counted: those from a known
/// device in a counter of its own, so that strangers who use up all others lock out strangers only.
package struct KnownDeviceRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How long a browser stays known without being used: as long as a browser keeps a cookie
    /// (draft-ietf-httpbis-rfc6265bis §5.5).
    package static let lifetime = Lifetime.days(400)
    /// How many browsers of one person are known: the ones used last.
    private static let most = 50

    /// True if this user signed in with the browser before.
    package func contains(
        _ device: SecretDigest, of user: User.ID, at now: Timestamp
    ) throws -> Bool {
        try transaction.row(
            """
            SELECT user_id FROM known_device
            WHERE tenant_id = \(tenantID) AND digest = \(device) AND user_id = \(user)
                AND expires_at > \(now)
            """) != nil
    }

    /// Remembers that a user signed in with a browser, which gets a new secret each time: a copy of
    /// the one before is worth nothing any more.
    ///
    /// Others who are known in the same browser go along.
    package func renew(
        _ presented: SecretDigest?, as device: SecretDigest, of user: User.ID, at now: Timestamp
    ) throws {
        if let presented {
            try transaction.send(
                """
                UPDATE known_device SET digest = \(device)
                WHERE tenant_id = \(tenantID) AND digest = \(presented)
                """)
        }
        try transaction.send(
            """
            INSERT INTO known_device (tenant_id, digest, user_id, created_at, last_used_at,
                expires_at)
            VALUES (\(tenantID), \(device), \(user), \(now), \(now), \(now + Self.lifetime))
            ON CONFLICT (tenant_id, digest, user_id) DO UPDATE SET
                last_used_at = excluded.last_used_at, expires_at = excluded.expires_at
            """)
        try transaction.send(
            """
            DELETE FROM known_device
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND last_used_at < (
                SELECT last_used_at FROM known_device
                WHERE tenant_id = \(tenantID) AND user_id = \(user)
                ORDER BY last_used_at DESC LIMIT 1 OFFSET \(Self.most - 1))
            """)
    }

    /// Forgets every browser of a user.
    package func forgetAll(of user: User.ID) throws {
        try transaction.send(
            "DELETE FROM known_device WHERE tenant_id = \(tenantID) AND user_id = \(user)")
    }
}
