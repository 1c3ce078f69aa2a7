import Foundation
import GRDB
import GatehouseSQL

/// Runs the statements of one transaction on a connection of GRDB.
struct SQLiteConnection: SQLConnection {
    let database: GRDB.Database

    var dialect: Dialect { .sqlite }

    func execute(_ sql: GatehouseSQL.SQL) throws -> Int {
        try prepared(sql) { statement in
            // SQLite's count is the one of the last INSERT, UPDATE or DELETE, however long ago.
            let before = database.totalChangesCount
            try statement.execute()
            return database.totalChangesCount == before ? 0 : database.changesCount
        }
    }

    func query(_ sql: GatehouseSQL.SQL) throws -> [GatehouseSQL.Row] {
        try prepared(sql) { statement in
            let names = statement.columnNames
            let cursor = try GRDB.Row.fetchCursor(statement)
            var rows: [GatehouseSQL.Row] = []
            while let row = try cursor.next() {
                let values = try names.indices.map { try SQLValue(row[$0], in: names[$0]) }
                rows.append(GatehouseSQL.Row(names: names, values: values))
            }
            return rows
        }
    }

    private func prepared<Value>(
        _ sql: GatehouseSQL.SQL, _ run: (Statement) throws -> Value
    ) throws -> Value {
        do {
            let (text, arguments) = sql.rendered(for: .sqlite)
            let statement = try database.cachedStatement(sql: text)
            try statement.setArguments(StatementArguments(arguments.map(\.databaseValue)))
            return try run(statement)
        } catch {
            throw DatabaseError.translating(error)
        }
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue, in column: String) throws {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .bytes([UInt8](data))
        case .double: throw GatehouseSQL.DatabaseError.unexpectedColumn(column)
        }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }
}
