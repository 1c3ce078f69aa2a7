import GRDB
import GatehouseSQL

extension GatehouseSQL.DatabaseError {
    /// What an error of SQLite means to the caller; the message never holds an argument.
    init(_ error: GRDB.DatabaseError) {
        let code = error.extendedResultCode.rawValue
        let message = "SQLite: \(error.message ?? "no message") (\(code))"
        self =
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR: .storageFull(message)
            case .SQLITE_BUSY, .SQLITE_LOCKED: .timedOut(message)
            case .SQLITE_CANTOPEN, .SQLITE_NOMEM: .unavailable(message)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .unusable(message)
            // A value of the wrong type is a mistake in the statement, as it is to PostgreSQL.
            case .SQLITE_CONSTRAINT where error.extendedResultCode != .strictDataType:
                .constraint(message)
            default: .statement(message)
            }
    }

    /// The error as the caller gets it: one of SQLite translated, any other unchanged.
    static func translating(_ error: any Error) -> any Error {
        (error as? GRDB.DatabaseError).map(Self.init) ?? error
    }
}

extension ResultCode {
    /// `SQLITE_CONSTRAINT_DATATYPE`, which GRDB has no name for: a `STRICT` table refused a type.
    fileprivate static let strictDataType = ResultCode(rawValue: 3091)
}
