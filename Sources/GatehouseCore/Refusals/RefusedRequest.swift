private import GatehouseEncoding
import GatehouseProtocol
import GatehouseSQL

/// An authorization request that was refused: what was sent, which rule failed, and what is registered
/// instead.
///
/// It is kept for a day under the incident id that the person was shown, for whoever administers the
/// tenant.
package struct RefusedRequest: Sendable {
    /// The id of the request.
    package let incident: String
    package let occurredAt: Timestamp
    /// The client that was named, if there is one of that id.
    package let clientID: Client.ID?
    /// The rule that failed, as a sentence.
    package let rule: String
    /// The error that the client was told (RFC 6749 §4.1.2.1); nil where nobody was sent anywhere.
    package let error: String?
    /// What was sent, as far as it may be kept.
    package let sent: [(name: String, value: String)]
    /// What is registered of that which did not fit.
    package let registered: [String]

    /// How long one is kept.
    package static let lifetime = Lifetime.hours(24)
    /// The longest value that is kept, in bytes, and the most parameters.
    static let longestValue = 500
    static let mostParameters = 30

    /// Parameters whose values tell nothing of a person, and let nobody in.
    private static let openNames: Set<String> = [
        "client_id", "redirect_uri", "response_type", "response_mode", "scope", "prompt", "max_age",
        "code_challenge_method", "acr_values", "resource", "ui_locales", "display", "organization",
        "org",
    ]

    /// A request that was answered with a page.
    init(_ form: FormParameters, refused refusal: Authorize.Refusal, on occasion: Occasion) {
        self.init(
            form, rule: refusal.rule.rawValue, error: nil, registered: refusal.registered,
            on: occasion)
    }

    /// A request whose client was told an error; nil if it is one that clients reckon with.
    init?(
        _ form: FormParameters, of client: Client, told error: OAuthError, on occasion: Occasion
    ) {
        guard !Self.expected.contains(error.code) else { return nil }
        self.init(
            form, rule: "\(error.description)", error: error.code.rawValue,
            registered: error.code == .invalidScope ? client.scope.values : [], on: occasion)
    }

    /// What a client is told in the course of things.
    private static let expected: [OAuthError.Code] = [
        .loginRequired, .consentRequired, .interactionRequired, .accountSelectionRequired,
        .accessDenied,
    ]

    private init(
        _ form: FormParameters, rule: String, error: String?, registered: [String],
        on occasion: Occasion
    ) {
        incident = String(occasion.requestID.prefix(200))
        occurredAt = occasion.now
        clientID = form[.clientID].flatMap(Client.ID.init(parsing:))
        self.rule = rule
        self.error = error
        self.registered = registered
        sent = form.pairs.prefix(Self.mostParameters).map { pair in
            (String(pair.name.prefix(100)), Self.kept(pair.name, pair.value))
        }
    }

    /// A value as it is kept: itself, or how long it was.
    private static func kept(_ name: String, _ value: String) -> String {
        let length = value.utf8.count
        guard openNames.contains(name), length <= longestValue else { return "(\(length) bytes)" }
        return value
    }

    init(_ row: Row) throws {
        incident = try row.text("id")
        occurredAt = Timestamp(milliseconds: try row.integer("occurred_at"))
        clientID = try row.optionalText("client_id").map(Client.ID.init(stored:))
        rule = try row.text("rule")
        error = try row.optionalText("error")
        let content = try JSONObject(parsing: Array(try row.text("content").utf8))
        sent = (content["sent"]?.array ?? []).compactMap(\.strings).map { ($0[0], $0[1]) }
        registered = content["registered"]?.strings ?? []
    }

    /// What was sent and what is registered, as it is kept.
    fileprivate var content: String {
        let pairs = sent.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        let object = JSONObject([
            ("sent", .array(pairs)), ("registered", .array(registered.map { .string($0) })),
        ])
        return String(decoding: object.serialized(), as: UTF8.self)
    }
}

/// The refused requests of one tenant.
struct RefusedRequestRecords {
    let tenantID: Tenant.ID
    let transaction: Transaction

    private static let columns: SQL = "id, occurred_at, client_id, rule, error, content"

    func find(_ incident: String) throws -> RefusedRequest? {
        try transaction.row(
            """
            SELECT \(Self.columns) FROM refused_request
            WHERE tenant_id = \(tenantID) AND id = \(incident)
            """
        ).map(RefusedRequest.init)
    }

    /// The latest, newest first, of one client if that is named.
    func latest(of client: Client.ID?, limit: Int) throws -> [RefusedRequest] {
        var condition: SQL = ""
        if let client { condition = " AND client_id = \(client)" }
        return try transaction.rows(
            """
            SELECT \(Self.columns) FROM refused_request
            WHERE tenant_id = \(tenantID)\(condition)
            ORDER BY occurred_at DESC, id LIMIT \(limit)
            """
        ).map(RefusedRequest.init)
    }

    /// How many there were from a moment on.
    func count(since start: Timestamp) throws -> Int64 {
        try transaction.row(
            """
            SELECT count(*) AS n FROM refused_request
            WHERE tenant_id = \(tenantID) AND occurred_at >= \(start)
            """)?.integer("n") ?? 0
    }

    func insert(_ request: RefusedRequest) throws {
        let end = request.occurredAt + RefusedRequest.lifetime
        try transaction.send(
            """
            INSERT INTO refused_request (tenant_id, id, occurred_at, client_id, rule, error,
                content, expires_at)
            VALUES (\(tenantID), \(request.incident), \(request.occurredAt),
                \(request.clientID), \(request.rule), \(request.error), \(request.content), \(end))
            ON CONFLICT (tenant_id, id) DO NOTHING
            """)
    }
}

extension TenantRecords {
    var refusedRequests: RefusedRequestRecords {
        RefusedRequestRecords(tenantID: tenantID, transaction: transaction)
    }
}
