private import GatehouseProtocol
import GatehouseSQL

/// The device authorizations of one tenant.
package struct DeviceAuthorizationRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = """
        id, client_id, issuer, scope, code_challenge, address, created_at, expires_at,
        poll_interval, decided_at, grant_id
        """

    package func find(_ id: DeviceAuthorization.ID) throws -> DeviceAuthorization? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM device_authorization
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """
        ).map(DeviceAuthorization.init)
    }

    /// The one that a user code stands for, if somebody may still decide on it.
    func find(
        userCode digest: [UInt8], pendingAt now: Timestamp
    ) throws -> DeviceAuthorization? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM device_authorization
            WHERE tenant_id = \(tenantID) AND user_code = \(digest) AND decided_at IS NULL
                AND expires_at > \(now)
            """
        ).map(DeviceAuthorization.init)
    }

    /// Adds one under a user code.
    ///
    /// False if another one has the code.
    func insert(_ authorization: DeviceAuthorization, userCode digest: [UInt8]) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO device_authorization (tenant_id, id, user_code, client_id, issuer, scope,
                code_challenge, address, created_at, expires_at, poll_interval)
            VALUES (\(tenantID), \(authorization.id), \(digest), \(authorization.clientID),
                \(authorization.issuer), \(authorization.scope.text),
                \(authorization.codeChallenge?.text), \(authorization.address),
                \(authorization.createdAt), \(authorization.expiresAt),
                \(authorization.interval.milliseconds))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Records a poll of the device.
    ///
    /// False if it came too early: then the device has to wait longer from now on, whichever node
    /// it asks. A poll that seems to lie in the future was recorded by a clock that was wrong.
    func poll(_ id: DeviceAuthorization.ID, at now: Timestamp) throws -> Bool {
        let isInTime =
            try transaction.execute(
                """
                UPDATE device_authorization SET polled_at = \(now)
                WHERE tenant_id = \(tenantID) AND id = \(id) AND (polled_at IS NULL
                    OR polled_at + poll_interval <= \(now + DeviceAuthorization.leeway)
                    OR polled_at - poll_interval > \(now))
                """) == 1
        guard !isInTime else { return true }
        try transaction.send(
            """
            UPDATE device_authorization SET polled_at = \(now),
                poll_interval = poll_interval + \(DeviceAuthorization.slowDown.milliseconds)
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
        return false
    }

    /// Decides, and makes the user code useless.
    ///
    /// True for exactly one of those who decide, and only in time.
    func decide(
        _ id: DeviceAuthorization.ID, grant: Grant.ID?, at now: Timestamp
    ) throws -> Bool {
        try transaction.execute(
            """
            UPDATE device_authorization SET decided_at = \(now), grant_id = \(grant),
                user_code = NULL
            WHERE tenant_id = \(tenantID) AND id = \(id) AND decided_at IS NULL
                AND expires_at > \(now)
            """) == 1
    }
}
