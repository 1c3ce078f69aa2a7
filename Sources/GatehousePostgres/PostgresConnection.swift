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

    /// An answer that comes with the batch.
    private final class Awaited {
        /// Which of the commands it answers.
        let position: Int
        var result: PostgresResult?

        init(position: Int) {
            self.position = position
        }
    }

    private let settings: PostgresSettings
    private let wire: PostgresWire
    private var statements: [Key: PostgresStatement] = [:]
    private var arguments = PostgresArguments()
    /// The answers of the batch that somebody will ask for.
    private var awaited: [Awaited] = []
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
        /// A single statement, without a transaction around it.
        case question
        case read
        case write

        /// Under the level of a read, every statement of the transaction sees the same state.
        fileprivate var begin: String? {
            switch self {
            case .question: nil
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
        opening = mode == .question ? nil : mode
    }

    func commit(_ mode: Mode) throws(DatabaseError) {
        guard opening == nil else { return opening = nil }
        switch mode {
        case .question: break
        case .read:
            // There is nothing to lose, so the answer is read with that to the next statement.
            guard wire.send("COMMIT"), wire.sync() else { throw failed(nil) }
        case .write:
            // Until something was answered, the whole may be run again on another connection:
            // so COMMIT does not go out with the very first batch.
            if !hasBegun { _ = try answer() }
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
        guard !isLost, mode != .question else { return }
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

    func send(_ sql: SQL) throws {
        _ = try add(sql)
    }

    func submit(_ sql: SQL) throws -> () throws -> Int {
        _ = try add(sql)
        let answer = Awaited(position: wire.commandCount - 1)
        awaited.append(answer)
        return { [self] in
            if answer.result == nil { _ = try self.answer() }
            return answer.result?.changes ?? 0
        }
    }

    func announceChange() throws {
        try send("SELECT pg_notify('gatehouse_change', '')")
    }

    private func run(
        _ sql: SQL
    ) throws(DatabaseError) -> (statement: PostgresStatement, result: PostgresResult) {
        let statement = try add(sql)
        return (statement, try answer())
    }

    /// Adds the statement to the batch, behind what opens the transaction.
    private func add(_ sql: SQL) throws(DatabaseError) -> PostgresStatement {
        arguments.set(sql.arguments)
        let statement = try prepared(sql)
        try open()
        guard wire.send(statement, with: &arguments) else { throw failed(nil) }
        return statement
    }

    private func open() throws(DatabaseError) {
        guard let begin = opening?.begin else { return }
        opening = nil
        guard wire.send(begin) else { throw failed(nil) }
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
        // The text is read inside the transaction: it may name what the transaction makes.
        try open()
        guard wire.prepare(statement, sql.text(for: .postgres), key.types) else {
            throw failed(nil)
        }
        _ = try answer()
        statements[key] = statement
        return statement
    }

    /// Waits for the answers to the batch; the last one is returned.
    private func answer() throws(DatabaseError) -> PostgresResult {
        defer { awaited.removeAll(keepingCapacity: true) }
        let answers = try wire.answers()
        // Of several failures the first says most; those after it only follow from it.
        if let failure = answers.first(where: { $0.status != .success }) { throw failed(failure) }
        for waiting in awaited where waiting.position < answers.count {
            waiting.result = answers[waiting.position]
        }
        hasBegun = true
        return answers[answers.count - 1]
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
