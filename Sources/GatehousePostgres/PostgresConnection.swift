import CLibPQ
import Foundation
import GatehouseSQL

/// One connection to the server, used by one thread.
///
/// Everything is sent without waiting and then waited for with a deadline, so that a server that
/// neither answers nor goes away holds a thread for a bounded time.
final class PostgresConnection: SQLConnection {
    /// How many prepared statements are kept: more than Gatehouse has.
    private static let statementLimit = 512

    private struct Statement: Hashable {
        let text: String
        let types: [Oid]
    }

    private let handle: OpaquePointer
    private let settings: PostgresSettings
    private var statements: [Statement: String] = [:]
    private var isBroken = false
    private var lastState: SQLState?

    var dialect: Dialect { .postgres }

    /// True if nothing more can be asked on this connection.
    var isLost: Bool { isBroken || PQstatus(handle) == CONNECTION_BAD }

    /// True if the last error was one after which the same transaction may succeed.
    var isRetriable: Bool { lastState?.isRetriable ?? false }

    /// Connects, which takes a few seconds at most, and checks that the server will do.
    init(_ settings: PostgresSettings) throws(DatabaseError) {
        guard let handle = PQconnectdb(settings.connectionString) else {
            throw .unavailable("There is no memory for a connection to PostgreSQL.")
        }
        self.handle = handle
        self.settings = settings
        guard PQstatus(handle) == CONNECTION_OK else {
            let reason = settings.redacted(String(cString: PQerrorMessage(handle)))
            throw .unavailable("PostgreSQL cannot be reached: \(reason)")
        }
        // Notices, such as "relation exists, skipping", would go to the standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQserverVersion(handle) >= 130_000 else {
            throw .unusable("PostgreSQL is older than version 13.")
        }
        let row = try answer { PQsendQuery($0, settings.setUp) }.rows().first
        guard let row, try row.text("server_encoding") == "UTF8" else {
            throw .unusable("The PostgreSQL database is not encoded in UTF8.")
        }
        guard try ["on", "remote_apply"].contains(row.text("synchronous_commit")) else {
            throw .unusable("PostgreSQL does not have synchronous_commit = on.")
        }
    }

    deinit {
        PQfinish(handle)
    }

    // MARK: Transactions

    enum Mode {
        case read
        case write
    }

    func begin(_ mode: Mode) throws(DatabaseError) {
        lastState = nil
        switch mode {
        // Under this level every statement of the transaction sees the same state.
        case .read: try command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        case .write: try command("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        }
    }

    func commit(_ mode: Mode) throws(DatabaseError) {
        let tag: String
        do {
            tag = try command("COMMIT")
        } catch {
            guard mode == .write, isLost else { throw error }
            throw .outcomeUnknown("The connection to PostgreSQL broke during a commit.")
        }
        // A transaction that has failed answers COMMIT with success, and with this word.
        guard tag != "ROLLBACK" else {
            throw .statement("PostgreSQL: the transaction was rolled back.")
        }
    }

    /// Undoes the transaction, if one is open; a connection that cannot do that is lost.
    func rollBack() {
        guard !isLost, PQtransactionStatus(handle) != PQTRANS_IDLE else { return }
        do {
            try command("ROLLBACK")
        } catch {
            isBroken = true
        }
    }

    @discardableResult
    private func command(_ text: String) throws(DatabaseError) -> String {
        try answer { PQsendQuery($0, text) }.command
    }

    // MARK: Statements

    func execute(_ sql: SQL) throws -> Int {
        try run(sql).changes
    }

    func query(_ sql: SQL) throws -> [Row] {
        try run(sql).rows()
    }

    private func run(_ sql: SQL) throws(DatabaseError) -> PostgresResult {
        let (text, values) = sql.rendered(for: .postgres)
        let arguments = PostgresArguments(values)
        let name = try prepared(Statement(text: text, types: arguments.types))
        return try answer { handle in
            arguments.withPointers { values, lengths, formats in
                PQsendQueryPrepared(handle, name, arguments.count, values, lengths, formats, 0)
            }
        }
    }

    /// The name of the prepared statement.
    ///
    /// The types belong to what it is found by: the same text with a null in another place is
    /// another statement to the server.
    private func prepared(_ statement: Statement) throws(DatabaseError) -> String {
        if let name = statements[statement] { return name }
        if statements.count >= Self.statementLimit {
            try command("DEALLOCATE ALL")
            statements.removeAll()
        }
        let name = "s\(statements.count)"
        _ = try answer {
            PQsendPrepare(
                $0, name, statement.text, Int32(clamping: statement.types.count), statement.types)
        }
        statements[statement] = name
        return name
    }

    // MARK: The wire

    /// Sends something and waits for the answer to it.
    private func answer(
        to send: (OpaquePointer) -> Int32
    ) throws(DatabaseError) -> PostgresResult {
        guard send(handle) == 1 else { throw failed(nil) }
        let deadline = ContinuousClock.now + settings.limits.patience
        var answer: PostgresResult?
        while let result = try next(before: deadline, after: answer) {
            // Of several statements, or of an error and the end of the connection after it, the
            // first failure says most.
            if answer?.status != .failure { answer = result }
            if result.status == .unexpected { isBroken = true }
        }
        guard let answer, answer.status == .success else { throw failed(answer) }
        return answer
    }

    private func next(
        before deadline: ContinuousClock.Instant, after answer: PostgresResult?
    ) throws(DatabaseError) -> PostgresResult? {
        guard !isBroken else { return nil }
        while PQisBusy(handle) == 1 {
            let left = Int32(clamping: (deadline - .now).milliseconds)
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            let ready = left > 0 ? poll(&socket, 1, left) : 0
            if ready == 0 {
                isBroken = true
                throw .unavailable("PostgreSQL did not answer in time.")
            }
            // An interrupted wait goes on; any other trouble shows here.
            guard PQconsumeInput(handle) == 1 else { throw failed(answer) }
        }
        return PQgetResult(handle).map(PostgresResult.init)
    }

    /// The error for the caller, and a note of what it means for the transaction.
    private func failed(_ result: PostgresResult?) -> DatabaseError {
        lastState = result?.state
        let message = settings.redacted(
            result?.message ?? String(cString: PQerrorMessage(handle)))
        if isLost { return .unavailable("The connection to PostgreSQL broke: \(message)") }
        guard let lastState else { return .statement("PostgreSQL: \(message)") }
        return lastState.error(message)
    }
}
