import GatehouseProtocol
import GatehouseSQL

/// The sessions of clients that began in sessions of one tenant: which client was given an ID token
/// in which session, whose id is the `sid` of that token.
///
/// A row lasts as long as the session's, and so longer than most grants.
package struct SessionClientRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// Records that the client of a grant is given an ID token, if it is.
    package func note(_ grant: Grant, at now: Timestamp) throws {
        guard grant.scope.contains(Scope.openID) else { return }
        try transaction.send(
            """
            INSERT INTO session_client (tenant_id, session_id, client_id, issuer, created_at)
            VALUES (\(tenantID), \(grant.sessionID), \(grant.clientID), \(grant.issuer), \(now))
            ON CONFLICT DO NOTHING
            """)
    }

    /// The clients of a session, each with the issuers that it knows the session by.
    package func all(of session: Session.ID) throws -> [(client: Client.ID, issuer: String)] {
        try transaction.rows(
            """
            SELECT client_id, issuer FROM session_client
            WHERE tenant_id = \(tenantID) AND session_id = \(session) ORDER BY client_id, issuer
            """
        ).map { (Client.ID(stored: try $0.text("client_id")), try $0.text("issuer")) }
    }
}

extension TenantRecords {
    package var sessionClients: SessionClientRecords {
        SessionClientRecords(tenantID: tenantID, transaction: transaction)
    }
}
