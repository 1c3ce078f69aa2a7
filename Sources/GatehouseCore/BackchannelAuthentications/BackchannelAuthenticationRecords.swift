private import GatehouseProtocol
package import GatehouseSQL

extension BackchannelAuthentication {
    package static let table: StaticString = "backchannel_authentication"
    package static let columns: SQL = """
        id, client_id, user_id, issuer, scope, binding_message, created_at, expires_at,
        poll_interval, decided_at, grant_id, notification
        """
}

extension DecisionRecords where Matter == BackchannelAuthentication {
    /// What a person may still answer, oldest first.
    func pending(of user: User.ID, at now: Timestamp) throws -> [BackchannelAuthentication] {
        try transaction.rows(
            """
            SELECT \(Matter.columns) FROM backchannel_authentication
            WHERE tenant_id = \(tenantID) AND user_id = \(user) AND decided_at IS NULL
                AND expires_at > \(now)
            ORDER BY id
            """
        ).map(Matter.init)
    }

    func insert(_ authentication: BackchannelAuthentication) throws {
        try transaction.send(
            """
            INSERT INTO backchannel_authentication (tenant_id, id, client_id, user_id, issuer,
                scope, binding_message, created_at, expires_at, poll_interval, notification)
            VALUES (\(tenantID), \(authentication.id), \(authentication.clientID),
                \(authentication.userID), \(authentication.issuer), \(authentication.scope.text),
                \(authentication.bindingMessage?.text), \(authentication.createdAt),
                \(authentication.expiresAt), \(authentication.interval.milliseconds),
                \(authentication.notification))
            """)
    }

    /// Forgets what its client was to be told with: it was, or never will be.
    func forgetNotification(of id: BackchannelAuthentication.ID) throws {
        try transaction.send(
            """
            UPDATE backchannel_authentication SET notification = NULL
            WHERE tenant_id = \(tenantID) AND id = \(id)
            """)
    }
}

extension TenantRecords {
    package var backchannelAuthentications: DecisionRecords<BackchannelAuthentication> {
        decisions(on: BackchannelAuthentication.self)
    }
}
