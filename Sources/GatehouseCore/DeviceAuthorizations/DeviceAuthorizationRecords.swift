private import GatehouseProtocol
package import GatehouseSQL

extension DeviceAuthorization {
    package static let table: StaticString = "device_authorization"
    package static let columns: SQL = """
        id, client_id, issuer, scope, code_challenge, address, created_at, expires_at,
        poll_interval, decided_at, grant_id
        """
    /// The user code is of no use to anybody any more.
    package static let decidedChanges: SQL = ", user_code = NULL"
}

extension DecisionRecords where Matter == DeviceAuthorization {
    /// The one that a user code stands for, if somebody may still decide on it.
    func find(
        userCode digest: [UInt8], pendingAt now: Timestamp
    ) throws -> DeviceAuthorization? {
        try transaction.row(
            """
            SELECT \(Matter.columns) FROM device_authorization
            WHERE tenant_id = \(tenantID) AND user_code = \(digest) AND decided_at IS NULL
                AND expires_at > \(now)
            """
        ).map(Matter.init)
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
}
