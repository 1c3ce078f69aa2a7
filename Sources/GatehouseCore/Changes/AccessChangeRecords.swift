import GatehouseSQL

/// The changes of one tenant that resource servers are told of.
struct AccessChangeRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    /// How many grants one change lists at most.
    static let mostGrants = 200
    /// How many clients one row names at most that may know the person.
    private static let mostClients = 200

    /// Writes a change down, in as many rows as it takes to name all clients.
    func insert(_ change: AccessChange, at now: Timestamp) throws {
        var part = change
        var clients = change.knownTo[...]
        repeat {
            part.knownTo = Array(clients.prefix(Self.mostClients))
            clients = clients.dropFirst(Self.mostClients)
            try insertRow(part, at: now)
        } while !clients.isEmpty
    }

    private func insertRow(_ change: AccessChange, at now: Timestamp) throws {
        try transaction.send(
            """
            INSERT INTO access_change (tenant_id, transaction_number, id, kind, user_id, known_to,
                organization_id, client_id, grants, token_id, audience, occurred_at)
            VALUES (\(tenantID), \(number: .ofThisTransaction), \(AccessChange.ID(at: now)),
                \(change.kind.rawValue), \(change.userID),
                \(change.knownTo.map(\.text).joined(separator: " ")), \(change.place?.text),
                \(change.clientID), \(change.grants.map(\.text).joined(separator: " ")),
                \(change.tokenID), \(change.audience), \(now))
            """)
    }

    /// What came after a position, in its order, as far as nothing can come in between any more.
    func after(_ position: ChangePosition, limit: Int) throws -> [RecordedChange] {
        try transaction.rows(
            """
            SELECT transaction_number, id, kind, user_id, known_to, organization_id, client_id,
                grants, token_id, audience, occurred_at
            FROM access_change
            WHERE tenant_id = \(tenantID)
                AND (transaction_number, id) > (\(position.number), \(position.id))
                AND transaction_number < \(number: .ofOldestOpenTransaction)
            ORDER BY transaction_number, id LIMIT \(limit)
            """
        ).map(RecordedChange.init)
    }

    /// The position of the latest change that can be told.
    func newest() throws -> ChangePosition {
        let row = try transaction.row(
            """
            SELECT transaction_number, id FROM access_change
            WHERE tenant_id = \(tenantID)
                AND transaction_number < \(number: .ofOldestOpenTransaction)
            ORDER BY transaction_number DESC, id DESC LIMIT 1
            """)
        return try row.map {
            ChangePosition(number: try $0.integer("transaction_number"), id: try $0.text("id"))
        } ?? .beginning
    }

    /// True if somebody can go on from a position: the change there is kept, so everything after it
    /// is.
    func isKept(_ position: ChangePosition) throws -> Bool {
        guard position != .beginning else { return true }
        return try transaction.row(
            """
            SELECT id FROM access_change
            WHERE tenant_id = \(tenantID) AND transaction_number = \(position.number)
                AND id = \(position.id)
            """) != nil
    }

    // MARK: What changes are made of

    /// The clients that may have tokens about a person.
    func clientsKnowing(_ user: User.ID, at now: Timestamp) throws -> [Client.ID] {
        try transaction.rows(
            """
            SELECT DISTINCT client_id FROM authorization_grant
            WHERE tenant_id = \(tenantID) AND user_id = \(user)
                AND last_used_at > \(now - AccessChange.keptFor)
            ORDER BY client_id
            """
        ).map { Client.ID(stored: try $0.text("client_id")) }
    }

    /// The grants that end with a session and may have tokens, or one more than can be listed.
    func grantsEnding(with session: Session.ID, at now: Timestamp) throws -> [Grant.ID] {
        try transaction.rows(
            """
            SELECT id FROM authorization_grant
            WHERE tenant_id = \(tenantID) AND session_id = \(session) AND offline = 0
                AND last_used_at > \(now - AccessChange.keptFor)
            ORDER BY id DESC LIMIT \(Self.mostGrants + 1)
            """
        ).map { Grant.ID(stored: try $0.text("id")) }
    }
}

/// A change as it was recorded, and where it stands.
struct RecordedChange: Sendable {
    let position: ChangePosition
    let kind: AccessChange.Kind
    let userID: User.ID?
    let knownTo: [Client.ID]
    /// An organization, or what stands for all of them.
    let organization: String?
    let clientID: Client.ID?
    let grants: [String]
    let tokenID: String?
    let audience: String?
    let occurredAt: Timestamp

    init(_ row: Row) throws {
        position = ChangePosition(
            number: try row.integer("transaction_number"), id: try row.text("id"))
        guard let kind = AccessChange.Kind(rawValue: try row.text("kind")) else {
            throw DatabaseError.unexpectedColumn("access_change.kind")
        }
        self.kind = kind
        userID = try row.optionalText("user_id").map(User.ID.init(stored:))
        knownTo = try row.text("known_to").split(separator: " ")
            .map { Client.ID(stored: String($0)) }
        organization = try row.optionalText("organization_id")
        clientID = try row.optionalText("client_id").map(Client.ID.init(stored:))
        grants = try row.text("grants").split(separator: " ").map(String.init)
        tokenID = try row.optionalText("token_id")
        audience = try row.optionalText("audience")
        occurredAt = Timestamp(milliseconds: try row.integer("occurred_at"))
    }
}

extension TenantRecords {
    var accessChanges: AccessChangeRecords {
        .init(tenantID: tenantID, transaction: transaction)
    }
}
