import GatehouseSQL

/// The clients of one tenant that have yet to be told that a session is over.
package struct LogoutDeliveryRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a delivery.
    static let columns: SQL = """
        tenant_id, session_id, client_id, issuer, user_id, request_id, created_at, due_at, attempts
        """

    package func insert(_ delivery: LogoutDelivery) throws {
        try transaction.send(
            """
            INSERT INTO logout_delivery (tenant_id, session_id, client_id, issuer, user_id,
                request_id, created_at, due_at, attempts)
            VALUES (\(tenantID), \(delivery.sessionID), \(delivery.clientID), \(delivery.issuer),
                \(delivery.userID), \(delivery.requestID), \(delivery.createdAt),
                \(delivery.dueAt), \(delivery.attempts))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Takes a delivery that is due, for as long as a claim lasts; nil if another node was faster.
    func claim(_ delivery: LogoutDelivery, at now: Timestamp) throws -> LogoutDelivery? {
        let claimed = LogoutDelivery(
            delivery, dueAt: now + LogoutDelivery.claim, attempts: delivery.attempts + 1)
        return try move(delivery, to: claimed) ? claimed : nil
    }

    /// Puts a delivery that was claimed back, to be tried later.
    ///
    /// False if the claim was over, and another node has it.
    func postpone(_ delivery: LogoutDelivery, to next: LogoutDelivery.Next) throws -> Bool {
        try move(
            delivery, to: LogoutDelivery(delivery, dueAt: next.dueAt, attempts: next.attempts))
    }

    /// Removes a delivery that was claimed.
    ///
    /// False if the claim was over, and another node has it.
    func remove(_ delivery: LogoutDelivery) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM logout_delivery
            WHERE tenant_id = \(tenantID) AND session_id = \(delivery.sessionID)
                AND client_id = \(delivery.clientID) AND issuer = \(delivery.issuer)
                AND due_at = \(delivery.dueAt) AND attempts = \(delivery.attempts)
            """) == 1
    }

    /// Changes what changes of a delivery, unless somebody else has done so.
    private func move(_ delivery: LogoutDelivery, to other: LogoutDelivery) throws -> Bool {
        try transaction.execute(
            """
            UPDATE logout_delivery SET due_at = \(other.dueAt), attempts = \(other.attempts)
            WHERE tenant_id = \(tenantID) AND session_id = \(delivery.sessionID)
                AND client_id = \(delivery.clientID) AND issuer = \(delivery.issuer)
                AND due_at = \(delivery.dueAt) AND attempts = \(delivery.attempts)
            """) == 1
    }
}

extension LogoutDelivery {
    init(_ row: Row) throws {
        tenantID = Tenant.ID(stored: try row.text("tenant_id"))
        sessionID = Session.ID(stored: try row.text("session_id"))
        clientID = Client.ID(stored: try row.text("client_id"))
        issuer = try row.text("issuer")
        userID = User.ID(stored: try row.text("user_id"))
        requestID = try row.text("request_id")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        dueAt = Timestamp(milliseconds: try row.integer("due_at"))
        attempts = try row.integer("attempts")
    }

    /// A delivery that is due at once.
    init(
        of session: Session, to client: Client.ID, issuer: String, in tenant: Tenant.ID,
        on occasion: Occasion
    ) {
        tenantID = tenant
        sessionID = session.id
        clientID = client
        self.issuer = issuer
        userID = session.userID
        requestID = occasion.requestID
        createdAt = occasion.now
        dueAt = occasion.now
        attempts = 0
    }

    fileprivate init(_ delivery: LogoutDelivery, dueAt: Timestamp, attempts: Int64) {
        tenantID = delivery.tenantID
        sessionID = delivery.sessionID
        clientID = delivery.clientID
        issuer = delivery.issuer
        userID = delivery.userID
        requestID = delivery.requestID
        createdAt = delivery.createdAt
        self.dueAt = dueAt
        self.attempts = attempts
    }
}

extension Transaction {
    /// The deliveries that are due, the longest-waiting first.
    func dueLogouts(_ limit: Int, at now: Timestamp) throws -> [LogoutDelivery] {
        // Every tenant: one worker delivers for all, each with a token of its own tenant.
        try rows(
            """
            SELECT \(LogoutDeliveryRecords.columns) FROM logout_delivery
            WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """
        ).map(LogoutDelivery.init)
    }
}

extension TenantRecords {
    package var logoutDeliveries: LogoutDeliveryRecords {
        LogoutDeliveryRecords(tenantID: tenantID, transaction: transaction)
    }
}
