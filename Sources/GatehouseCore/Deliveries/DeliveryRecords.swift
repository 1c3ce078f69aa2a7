import GatehouseSQL

/// What the clients of one tenant have yet to be told.
package struct DeliveryRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// The columns of a delivery.
    static let columns: SQL = """
        tenant_id, kind, subject, client_id, issuer, user_id, request_id, created_at, due_at,
        attempts
        """

    package func insert(_ delivery: Delivery) throws {
        try transaction.send(
            """
            INSERT INTO delivery (tenant_id, kind, subject, client_id, issuer, user_id, request_id,
                created_at, due_at, attempts)
            VALUES (\(tenantID), \(delivery.news.kind), \(delivery.news.subject),
                \(delivery.clientID), \(delivery.issuer), \(delivery.userID),
                \(delivery.requestID), \(delivery.createdAt), \(delivery.dueAt),
                \(delivery.attempts))
            ON CONFLICT DO NOTHING
            """)
    }

    /// Takes a delivery that is due, for as long as a claim lasts; nil if another node was faster.
    func claim(_ delivery: Delivery, at now: Timestamp) throws -> Delivery? {
        let claimed = Delivery(
            delivery, dueAt: now + Delivery.claim, attempts: delivery.attempts + 1)
        return try move(delivery, to: claimed) ? claimed : nil
    }

    /// Puts a delivery that was claimed back, to be tried later.
    ///
    /// False if the claim was over, and another node has it.
    func postpone(_ delivery: Delivery, to next: Delivery.Next) throws -> Bool {
        try move(delivery, to: Delivery(delivery, dueAt: next.dueAt, attempts: next.attempts))
    }

    /// Removes a delivery that was claimed.
    ///
    /// False if the claim was over, and another node has it.
    func remove(_ delivery: Delivery) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM delivery
            WHERE tenant_id = \(tenantID) AND subject = \(delivery.news.subject)
                AND client_id = \(delivery.clientID) AND issuer = \(delivery.issuer)
                AND due_at = \(delivery.dueAt) AND attempts = \(delivery.attempts)
            """) == 1
    }

    /// Changes what changes of a delivery, unless somebody else has done so.
    private func move(_ delivery: Delivery, to other: Delivery) throws -> Bool {
        try transaction.execute(
            """
            UPDATE delivery SET due_at = \(other.dueAt), attempts = \(other.attempts)
            WHERE tenant_id = \(tenantID) AND subject = \(delivery.news.subject)
                AND client_id = \(delivery.clientID) AND issuer = \(delivery.issuer)
                AND due_at = \(delivery.dueAt) AND attempts = \(delivery.attempts)
            """) == 1
    }
}

extension Delivery {
    init(_ row: Row) throws {
        tenantID = Tenant.ID(stored: try row.text("tenant_id"))
        news = try News(stored: try row.text("kind"), of: try row.text("subject"))
        clientID = Client.ID(stored: try row.text("client_id"))
        issuer = try row.text("issuer")
        userID = User.ID(stored: try row.text("user_id"))
        requestID = try row.text("request_id")
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        dueAt = Timestamp(milliseconds: try row.integer("due_at"))
        attempts = try row.integer("attempts")
    }

    /// A delivery that is due at once: that a session is over.
    init(
        of session: Session, to client: Client.ID, issuer: String, in tenant: Tenant.ID,
        on occasion: Occasion
    ) {
        self.init(
            .logout(session.id), about: session.userID, to: client, issuer: issuer, in: tenant,
            on: occasion)
    }

    /// A delivery that is due at once: that a person has answered.
    init(
        of authentication: BackchannelAuthentication, in tenant: Tenant.ID, on occasion: Occasion
    ) {
        self.init(
            .ping(authentication.id), about: authentication.userID,
            to: authentication.clientID, issuer: authentication.issuer, in: tenant, on: occasion)
    }

    private init(
        _ news: News, about user: User.ID, to client: Client.ID, issuer: String,
        in tenant: Tenant.ID, on occasion: Occasion
    ) {
        tenantID = tenant
        self.news = news
        clientID = client
        self.issuer = issuer
        userID = user
        requestID = occasion.requestID
        createdAt = occasion.now
        dueAt = occasion.now
        attempts = 0
    }

    fileprivate init(_ delivery: Delivery, dueAt: Timestamp, attempts: Int64) {
        tenantID = delivery.tenantID
        news = delivery.news
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
    func dueDeliveries(_ limit: Int, at now: Timestamp) throws -> [Delivery] {
        // Every tenant: one worker delivers for all, each with what its own tenant has to tell.
        try rows(
            """
            SELECT \(DeliveryRecords.columns) FROM delivery
            WHERE due_at <= \(now) ORDER BY due_at LIMIT \(limit)
            """
        ).map(Delivery.init)
    }
}

extension TenantRecords {
    package var deliveries: DeliveryRecords {
        DeliveryRecords(tenantID: tenantID, transaction: transaction)
    }
}
