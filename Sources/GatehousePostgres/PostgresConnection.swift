import CLibPQ
import Foundation
import GatehouseSQL

/// One connection to the server, used by one thread.
///
/// Everything is sent without waiting and then waited for with a deadline, so that a server that
/// neither answers nor goes away holds a thread for a bounded time. The connection is in pipeline
/// mode: what opens a transaction goes out with its first statement, and the end of a transaction
/// that only read is not waited for.
final class PostgresConnection: SQLConnection {
    /// How many prepared statements are kept: more than Gatehouse has.
    private static let statementLimit = 512

    private struct Key: Hashable {
        let statement: StatementKey
        let types: [Oid]
    }

    private let settings: PostgresSettings
    private let wire: PostgresWire
    private var statements: [Key: PostgresStatement] = [:]
    private var arguments = PostgresArguments()
    private var lastState: SQLState?
    private var mode = Mode.read
    /// The transaction to be opened by the next statement.
    private var opening: Mode?
    /// True once a statement of the transaction was answered.
    private(set) var hasBegun = false

    var dialect: Dialect { .postgres }

    /// True if nothing more can be asked on this connection.
    var isLost: Bool { wire.isLost }

    /// True if the last error was one after which the same transaction may succeed.
    var isRetriable: Bool { lastState?.isRetriable ?? false }

    /// Connects, which takes a few seconds at most, and checks that the server will do.
    init(_ settings: PostgresSettings) throws(DatabaseError) {
        self.settings = settings
        wire = try PostgresWire(settings)
        let row = try wire.answer(toSimple: settings.setUp).rows().first
        guard let row, try row.text("server_encoding") == "UTF8" else {
            throw .unusable("The PostgreSQL database is not encoded in UTF8.")
        }
        guard try ["on", "remote_apply"].contains(row.text("synchronous_commit")) else {
            throw .unusable("PostgreSQL does not have synchronous_commit = on.")
        }
        try wire.enterPipeline()
    }

    // MARK: Transactions

    enum Mode {
        case read
        case write

        /// Under the level of a read, every statement of the transaction sees the same state.
        fileprivate var begin: String {
            switch self {
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
            case .write: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
            }
        }
    }

    /// Opens a transaction, together with its first statement.
    func begin(_ mode: Mode) {
        lastState = nil
        hasBegun = false
        self.mode = mode
        opening = mode
    }

    func commit(_ mode: Mode) throws(DatabaseError) {
        guard opening == nil else { return opening = nil }
        switch mode {
        case .read:
            // There is nothing to lose, so the answer is read with that to the next statement.
            guard wire.send("COMMIT"), wire.sync() else { throw failed(nil) }
        case .write:
            let tag: String
            do {
                tag = try command("COMMIT")
            } catch {
                guard isLost else { throw error }
                throw .outcomeUnknown("The connection to PostgreSQL broke during a commit.")
            }
            // A transaction that has failed answers COMMIT with success, and with this word.
            guard tag != "ROLLBACK" else {
                throw .statement("PostgreSQL: the transaction was rolled back.")
            }
        }
    }

    /// Undoes the transaction, if one is open; a connection that cannot do that is lost.
    func rollBack() {
        guard opening == nil else { return opening = nil }
        guard !isLost else { return }
        do {
            try command("ROLLBACK")
        } catch {
            wire.giveUp()
        }
    }

    @discardableResult
    private func command(_ text: String) throws(DatabaseError) -> String {
        guard wire.send(text) else { throw failed(nil) }
        return try answer().command
    }

    // MARK: Statements

    func execute(_ sql: SQL) throws -> Int {
        try run(sql).result.changes
    }

    func query(_ sql: SQL) throws -> [Row] {
        let (statement, result) = try run(sql)
        let columns = statement.columns ?? result.columns
        statement.columns = columns
        return try result.rows(columns)
    }

    func announceChange() throws {
        _ = try query("SELECT pg_notify('gatehouse_change', '')")
    }

    private func run(
        _ sql: SQL
    ) throws(DatabaseError) -> (statement: PostgresStatement, result: PostgresResult) {
        arguments.set(sql.arguments)
        let statement = try prepared(sql)
        if let mode = opening {
            opening = nil
            guard wire.send(mode.begin) else { throw failed(nil) }
        }
        guard wire.send(statement, with: &arguments) else { throw failed(nil) }
        let result = try answer()
        hasBegun = true
        return (statement, result)
    }

    /// The prepared statement.
    ///
    /// The types belong to what it is found by: the same text with a null in another place is
    /// another statement to the server.
    private func prepared(_ sql: SQL) throws(DatabaseError) -> PostgresStatement {
        let key = Key(statement: sql.key, types: arguments.types)
        if let statement = statements[key] { return statement }
        if statements.count >= Self.statementLimit {
            try command("DEALLOCATE ALL")
            statements.removeAll()
        }
        let statement = PostgresStatement(name: "s\(statements.count)")
        if let mode = opening {
            // The text is read inside the transaction: it may name what the transaction makes.
            opening = nil
            guard wire.send(mode.begin) else { throw failed(nil) }
        }
        guard wire.prepare(statement, sql.text(for: .postgres), key.types) else {
            throw failed(nil)
        }
        _ = try answer()
        statements[key] = statement
        return statement
    }

    private func answer() throws(DatabaseError) -> PostgresResult {
        let answer = try wire.answer()
        guard answer.status == .success else { throw failed(answer) }
        return answer
    }

    /// The error for the caller, and a note of what it means for the transaction.
    private func failed(_ result: PostgresResult?) -> DatabaseError {
        lastState = result?.state
        if !hasBegun, mode == .write, lastState?.saysStandby ?? false {
            // Another server took its place: the next connection looks for it.
            wire.giveUp()
        }
        let message = settings.redacted(result?.message ?? wire.message)
        if isLost { return .unavailable("The connection to PostgreSQL broke: \(message)") }
        guard let lastState else { return .statement("PostgreSQL: \(message)") }
        return lastState.error(message)
    }
}

/// A statement that the server has prepared.
final class PostgresStatement {
    let name: String
    /// What its results look like; nil until there was one.
    var columns: PostgresResult.Columns?

    init(name: String) {
        self.name = name
    }
}
