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

    /// How a number of a transaction is asked for.
    ///
    /// SQLite has one writer, so the order in which it writes is the order of commits; a row of the
    /// table that keeps such numbers is always left.
    func expression(of number: TransactionNumber) -> String {
        switch (self, number) {
        case (.postgres, .ofThisTransaction): "pg_current_xact_id()::text::bigint"
        case (.postgres, .ofOldestOpenTransaction):
            "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        case (.postgres, .ofNextTransaction):
            "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        case (.sqlite, .ofThisTransaction):
            "(SELECT COALESCE(MAX(transaction_number), 0) + 1 FROM access_change)"
        case (.sqlite, _): "9223372036854775807"
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

/// What orders rows by when they came into force.
///
/// A transaction has its number from its first write on, and all with smaller ones than the oldest
/// that is open are over: nothing of theirs can still come.
package enum TransactionNumber: UInt, Sendable {
    case ofThisTransaction
    case ofOldestOpenTransaction
    /// What no transaction has yet; a row with such a number is of another server.
    case ofNextTransaction
}
