import GRDB
import GRDBSQLite
import GatehouseSQL

extension GatehouseSQL.DatabaseError {
    /// What the last error of a connection means to the caller.
    init(on connection: OpaquePointer?) {
        self.init(
            code: sqlite3_extended_errcode(connection),
            message: String(cString: sqlite3_errmsg(connection)))
    }

    /// What an error of SQLite means; the message never holds an argument.
    private init(code: Int32, message: String) {
        let text = "SQLite: \(message) (\(code))"
        self =
            switch code & 0xFF {
            case SQLITE_FULL, SQLITE_IOERR: .storageFull(text)
            case SQLITE_BUSY, SQLITE_LOCKED: .timedOut(text)
            case SQLITE_CANTOPEN, SQLITE_NOMEM: .unavailable(text)
            case SQLITE_CORRUPT, SQLITE_NOTADB: .unusable(text)
            // A value of the wrong type is a mistake in the statement, as it is to PostgreSQL.
            case SQLITE_CONSTRAINT where code != Self.strictDataType: .constraint(text)
            default: .statement(text)
            }
    }

    /// `SQLITE_CONSTRAINT_DATATYPE`: a `STRICT` table refused a type.
    private static var strictDataType: Int32 { SQLITE_CONSTRAINT | 12 << 8 }

    /// The error as the caller gets it: one of GRDB translated, any other unchanged.
    static func translating(_ error: any Error) -> any Error {
        guard let error = error as? GRDB.DatabaseError else { return error }
        return Self(
            code: error.extendedResultCode.rawValue, message: error.message ?? "no message")
    }
}
