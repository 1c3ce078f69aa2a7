private import GatehouseProtocol
import GatehouseSQL

/// The backchannel authentications of one tenant.
package struct BackchannelAuthenticationRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, client_id, user_id, issuer, scope, binding_message, created_at, expires_at,
        poll_interval, decided_at, grant_id
        """

    package func find(_ id: BackchannelAuthentication.ID) throws -> BackchannelAuthentication? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM backchannel_authentication
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(BackchannelAuthentication.init)
    }

    /// What a person may still answer, oldest first.
    func pending(of user: User.ID, at now: Timestamp) throws -> [BackchannelAuthentication] {
        try transaction.rows(
            """
            SELECT \(Self.columns) FROM backchannel_authentication
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND decided_at IS NULL
                AND expires_at > \(now)
            ORDER BY id
            """
        ).map(BackchannelAuthentication.init)
    }

    func insert(_ authentication: BackchannelAuthentication) throws {
        try transaction.send(
            """
            INSERT INTO backchannel_authentication (tenant_id, id, client_id, user_id, issuer,
                scope, binding_message, created_at, expires_at, poll_interval)
            VALUES (\(tenantID), \(authentication.id), \(authentication.clientID),
                \(authentication.userID), \(authentication.issuer), \(authentication.scope.text),
                \(authentication.bindingMessage?.text), \(authentication.createdAt),
                \(authentication.expiresAt), \(authentication.interval.milliseconds))
            """)
    }

    /// Records a poll of the client.
    ///
    /// False if it came too early: then the client has to wait longer from now on, whichever node
    /// it asks. A poll that seems to lie in the future was recorded by a clock that was wrong.
    func poll(_ id: BackchannelAuthentication.ID, at now: Timestamp) throws -> Bool {
        let isInTime =
            try transaction.execute(
                """
                UPDATE backchannel_authentication SET polled_at = \(now)
                WHERE tenant_id = \(tenantID) AND id = \(id) AND (polled_at IS NULL
                    OR polled_at + poll_interval <= \(now + BackchannelAuthentication.leeway)
                    OR polled_at - poll_interval > \(now))
                """) == 1
        guard !isInTime else { return true }
        try transaction.send(
            """
            UPDATE backchannel_authentication SET polled_at = \(now),
                poll_interval = poll_interval + \(BackchannelAuthentication.slowDown.milliseconds)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
        return false
    }

    /// Decides.
    ///
    /// True for exactly one of those who decide, and only in time.
    func decide(
        _ id: BackchannelAuthentication.ID, grant: Grant.ID?, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE backchannel_authentication SET decided_at = \(now), grant_id = \(grant)
            WHERE tenant_id = \(tenantID) AND id = \(id) AND decided_at IS NULL
                AND expires_at > \(now)
            """) == 1
    }
}

extension TenantRecords {
    package var backchannelAuthentications: BackchannelAuthenticationRecords {
        BackchannelAuthenticationRecords(tenantID: tenantID, transaction: transaction)
    }
}
