private import Crypto
private import GatehouseEncoding
package import GatehouseSQL

/// A request to the admin API that may be sent again with the same idempotency key, and is done
/// once.
///
/// Its answer is kept for a day, sealed, since secrets may be in it.
package struct RepeatableRequest: Sendable {
    package let key: AdministratorKey
    /// What the request calls itself.
    package let name: String
    /// The request itself: the same name for another request is a mistake of whoever sends it.
    package let content: [UInt8]

    /// How long an answer is kept.
    static let lifetime = Lifetime.hours(24)
    /// The longest name, in bytes.
    package static let longestName = 255

    package init(of key: AdministratorKey, called name: String, _ content: [UInt8]) {
        self.key = key
        self.name = name
        self.content = content
    }

    /// What was answered.
    package struct Answer: Sendable, Hashable {
        package let status: Int
        package let body: [UInt8]

        package init(status: Int, body: [UInt8]) {
            self.status = status
            self.body = body
        }
    }

    var digest: [UInt8] { Array(SHA256.hash(data: Array(name.utf8))) }
    var fingerprint: [UInt8] { Array(SHA256.hash(data: content)) }
    var use: String { "administrator-request/\(key.id.text)/\(Base64URL.encode(digest))" }
}

/// Does what may be sent again once.
package struct AnswerOnce: Sendable {
    let database: any Database
    let instanceKey: InstanceKey

    package init(database: any Database, instanceKey: InstanceKey) {
        self.database = database
        self.instanceKey = instanceKey
    }

    /// What is to be done for a request.
    package enum Turn: Sendable {
        /// It is the first: do it.
        case first
        /// It was done, and this was the answer.
        case answered(RepeatableRequest.Answer)
        /// It is being done, or nobody knows how it ended.
        case unanswered
        /// Another request has the name.
        case differs
    }

    /// Claims a request by one row, before anything is done for it.
    package func begin(_ request: RepeatableRequest, at now: Timestamp) async throws -> Turn {
        let found = try await database.write { transaction -> Row? in
            let records = transaction.records(of: request.key.reach.tenant)
            return try records.claim(request, at: now) ? nil : records.answer(to: request)
        }
        guard let found else { return .first }
        guard try found.bytes("fingerprint") == request.fingerprint else { return .differs }
        guard let sealed = try found.optionalBytes("sealed_answer"),
            let status = try found.optionalInteger("status")
        else { return .unanswered }
        return .answered(
            .init(status: Int(status), body: try instanceKey.open(sealed, for: request.use)))
    }

    /// Keeps the answer for those that come again.
    package func end(
        _ request: RepeatableRequest, with answer: RepeatableRequest.Answer
    ) async throws {
        let sealed = try instanceKey.seal(answer.body, for: request.use)
        try await database.write { transaction in
            try transaction.records(of: request.key.reach.tenant)
                .keep(sealed, status: answer.status, of: request)
        }
    }

    /// True if what failed this way may have been done all the same.
    package static func mayHaveBeenDone(_ error: any Error) -> Bool {
        switch error {
        case DatabaseError.outcomeUnknown, DatabaseError.timedOut: true
        default: !(error is DatabaseError)
        }
    }

    /// Forgets a request for which nothing was done.
    package func forget(_ request: RepeatableRequest) async throws {
        try await database.write { transaction in
            try transaction.records(of: request.key.reach.tenant).forget(request)
        }
    }
}

extension TenantRecords {
    /// Writes down that a request is being done; false if that was done before.
    fileprivate func claim(_ request: RepeatableRequest, at now: Timestamp) throws -> Bool {
        let end = now + RepeatableRequest.lifetime
        return try transaction.execute(
            """
            INSERT INTO administrator_request (tenant_id, administrator_key_id, digest,
                fingerprint, expires_at)
            VALUES (\(tenantID), \(request.key.id), \(request.digest),
                \(request.fingerprint), \(end))
            ON CONFLICT (tenant_id, administrator_key_id, digest) DO NOTHING
            """) == 1
    }

    fileprivate func answer(to request: RepeatableRequest) throws -> Row? {
        try transaction.row(
            """
            SELECT fingerprint, status, sealed_answer FROM administrator_request
            WHERE tenant_id = \(tenantID) AND administrator_key_id = \(request.key.id)
                AND digest = \(request.digest)
            """)
    }

    fileprivate func keep(
        _ sealed: [UInt8], status: Int, of request: RepeatableRequest
    ) throws {
        try transaction.execute(
            """
            UPDATE administrator_request
            SET status = \(Int64(status)), sealed_answer = \(sealed)
            WHERE tenant_id = \(tenantID) AND administrator_key_id = \(request.key.id)
                AND digest = \(request.digest)
            """)
    }

    fileprivate func forget(_ request: RepeatableRequest) throws {
        try transaction.execute(
            """
            DELETE FROM administrator_request
            WHERE tenant_id = \(tenantID) AND administrator_key_id = \(request.key.id)
                AND digest = \(request.digest) AND sealed_answer IS NULL
            """)
    }
}
