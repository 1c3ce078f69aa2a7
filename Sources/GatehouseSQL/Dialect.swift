/// How an engine spells what SQL leaves open; everything else is the common subset.
package enum Dialect: Sendable {
    case sqlite
    case postgres

    /// What stands before the number of an argument.
    var placeholder: String {
        switch self {
        case .sqlite: "?"
        case .postgres: "$"
        }
    }

    /// What ends the definition of a table: SQLite checks column types only when asked to.
    var tableSuffix: String {
        switch self {
        case .sqlite: " STRICT"
        case .postgres: ""
        }
    }

    func name(of type: ColumnType) -> String {
        switch (self, type) {
        case (_, .id), (_, .text): "TEXT"
        case (.sqlite, .bytes): "BLOB"
        case (.postgres, .bytes): "BYTEA"
        case (.sqlite, .integer), (.sqlite, .timestamp): "INTEGER"
        case (.postgres, .integer), (.postgres, .timestamp): "BIGINT"
        case (_, .endOfTable): tableSuffix
        }
    }
}

/// A column type, by what it holds.
package enum ColumnType: UInt, Sendable {
    /// A typed identifier in its text form.
    case id
    /// Text in UTF-8, without NUL.
    case text
    /// Bytes.
    case bytes
    /// A signed 64-bit integer; also a flag, as 0 or 1.
    case integer
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case timestamp
    /// What closes a `CREATE TABLE`.
    case endOfTable
}
