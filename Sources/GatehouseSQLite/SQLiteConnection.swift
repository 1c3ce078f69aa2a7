import GRDB
import GRDBSQLite
import GatehouseSQL

/// Runs statements on one connection of GRDB, for one thread.
///
/// GRDB opens, configures and closes the connection. The statements themselves go straight to
/// SQLite: GRDB's own way copies every value through `Data` and `DatabaseValue`, and that costs
/// more than the statement does.
final class SQLiteConnection: SQLConnection {
    private let database: GRDB.Database
    private var statements: [StatementKey: SQLiteStatement] = [:]
    private var isAnnouncing = false

    init(_ database: GRDB.Database) {
        self.database = database
    }

    var dialect: Dialect { .sqlite }

    /// True if a transaction is open: SQLite ends it by itself after some errors.
    var isInsideTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// How many rows were changed since the connection was opened.
    var changes: Int64 { Int64(sqlite3_total_changes(handle)) }

    func execute(_ sql: GatehouseSQL.SQL) throws -> Int {
        // SQLite's count is the one of the last INSERT, UPDATE or DELETE, however long ago.
        let before = changes
        try prepared(sql).run(sql.arguments) { _ in }
        return changes == before ? 0 : Int(sqlite3_changes(handle))
    }

    func query(_ sql: GatehouseSQL.SQL) throws -> [GatehouseSQL.Row] {
        let statement = try prepared(sql)
        var rows: [GatehouseSQL.Row] = []
        try statement.run(sql.arguments) { values in
            rows.append(GatehouseSQL.Row(names: statement.names, values: values))
        }
        return rows
    }

    func send(_ sql: GatehouseSQL.SQL) throws {
        try prepared(sql).run(sql.arguments) { _ in }
    }

    func submit(_ sql: GatehouseSQL.SQL) throws -> () throws -> Int {
        let changes = try execute(sql)
        return { changes }
    }

    /// One process has the file: it is told itself, once what is open is committed.
    func announceChange() { isAnnouncing = true }

    /// Whether something was announced since the last time that somebody asked.
    func takeAnnouncement() -> Bool {
        defer { isAnnouncing = false }
        return isAnnouncing
    }

    /// True if the last error was a sync that the disk did not confirm.
    var lastErrorIsFailedSync: Bool {
        sqlite3_extended_errcode(handle) == SQLITE_IOERR | 4 << 8
    }

    /// Copies the WAL into the database, as far as no reader needs it as it is.
    func checkpoint() {
        // Losing the error is right: the WAL keeps what was not copied, and the next one retries.
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    private func prepared(_ sql: GatehouseSQL.SQL) throws -> SQLiteStatement {
        let key = sql.key
        if let statement = statements[key] { return statement }
        do {
            let statement = SQLiteStatement(
                try database.makeStatement(sql: sql.text(for: .sqlite)))
            statements[key] = statement
            return statement
        } catch {
            throw DatabaseError.translating(error)
        }
    }

    private var handle: OpaquePointer? { database.sqliteConnection }
}

/// A prepared statement, and how its values go in and out.
private final class SQLiteStatement {
    let names: [String]
    private let statement: Statement
    /// The texts and bytes of the arguments, one after the other, while the statement runs.
    private var bytes: [UInt8] = []

    init(_ statement: Statement) {
        self.statement = statement
        names = statement.columnNames
    }

    private var handle: OpaquePointer { statement.sqliteStatement }

    /// Runs the statement and hands out each row.
    func run(_ arguments: [SQLValue], _ row: ([SQLValue]) throws -> Void) throws {
        let places = place(arguments)
        defer {
            sqlite3_reset(handle)
            sqlite3_clear_bindings(handle)
        }
        try bytes.withUnsafeBytes { buffer in
            for (index, argument) in arguments.enumerated() {
                let number = Int32(clamping: index + 1)
                try check(
                    bind(
                        argument, at: number, from: buffer.baseAddress?.advanced(by: places[index]))
                )
            }
            while true {
                let code = sqlite3_step(handle)
                if code == SQLITE_DONE { return }
                guard code == SQLITE_ROW else { return try check(code) }
                try row(names.indices.map { try value(in: Int32(clamping: $0)) })
            }
        }
    }

    /// Copies the arguments to where they stay until the statement ends, and tells where each
    /// begins.
    private func place(_ arguments: [SQLValue]) -> [Int] {
        bytes.removeAll(keepingCapacity: true)
        let places = arguments.map { argument in
            let start = bytes.count
            switch argument {
            case .text(let text): bytes.append(contentsOf: text.utf8)
            case .bytes(let value): bytes.append(contentsOf: value)
            case .integer, .null: break
            }
            return start
        }
        // An empty value at the end needs an address too, or it would be null.
        bytes.append(0)
        return places
    }

    private func bind(_ argument: SQLValue, at number: Int32, from start: UnsafeRawPointer?)
        -> Int32
    {
        switch argument {
        case .null: sqlite3_bind_null(handle, number)
        case .integer(let integer): sqlite3_bind_int64(handle, number, integer)
        case .text(let text):
            sqlite3_bind_text(
                handle, number, start?.assumingMemoryBound(to: CChar.self),
                Int32(clamping: text.utf8.count), nil)
        case .bytes(let value):
            sqlite3_bind_blob(handle, number, start, Int32(clamping: value.count), nil)
        }
    }

    private func value(in column: Int32) throws -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_TEXT:
            return .text(
                String(
                    decoding: bytes(sqlite3_column_text(handle, column), in: column),
                    as: UTF8.self))
        case SQLITE_BLOB:
            return .bytes(Array(bytes(sqlite3_column_blob(handle, column), in: column)))
        default:
            throw GatehouseSQL.DatabaseError.unexpectedColumn(names[Int(column)])
        }
    }

    private func bytes(_ start: UnsafeRawPointer?, in column: Int32) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    private func check(_ code: Int32) throws {
        guard code != SQLITE_OK else { return }
        throw GatehouseSQL.DatabaseError(on: sqlite3_db_handle(handle))
    }
}
