import CLibPQ
import GatehouseSQL

/// What the server answered to one statement.
final class PostgresResult {
    private let pointer: OpaquePointer

    /// Takes the result over, and frees it at the end.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    enum Status {
        case success
        case failure
        /// The end of what was sent together.
        case endOfBatch
        /// An answer to something that this driver never asks for.
        case unexpected
    }

    /// What the rows of a result are made of.
    struct Columns {
        let names: [String]
        let types: [Oid]
    }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: .success
        case PGRES_FATAL_ERROR, PGRES_PIPELINE_ABORTED: .failure
        case PGRES_PIPELINE_SYNC: .endOfBatch
        default: .unexpected
        }
    }

    /// The code of the error; nil if the connection broke before the server sent one.
    var state: SQLState? {
        field(CLIBPQ_DIAG_SQLSTATE).map(SQLState.init)
    }

    /// The error's first line, since the lines of detail below it would repeat values of the row.
    var message: String {
        field(CLIBPQ_DIAG_MESSAGE_PRIMARY) ?? String(cString: PQresultErrorMessage(pointer))
    }

    private func field(_ code: Int) -> String? {
        PQresultErrorField(pointer, Int32(code)).map { String(cString: $0) }
    }

    /// What was done, such as `COMMIT` or `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(pointer)) }

    /// How many rows were changed.
    var changes: Int {
        command.hasPrefix("SELECT") ? 0 : Int(String(cString: PQcmdTuples(pointer))) ?? 0
    }

    var columns: Columns {
        let numbers = 0..<PQnfields(pointer)
        return Columns(
            names: numbers.map { String(cString: PQfname(pointer, $0)) },
            types: numbers.map { PQftype(pointer, $0) })
    }

    /// The rows of a text result.
    func rows() throws(DatabaseError) -> [Row] {
        try rows(columns)
    }

    func rows(_ columns: Columns) throws(DatabaseError) -> [Row] {
        var rows: [Row] = []
        rows.reserveCapacity(Int(PQntuples(pointer)))
        for row in 0..<PQntuples(pointer) {
            var values: [SQLValue] = []
            values.reserveCapacity(columns.types.count)
            for (index, type) in columns.types.enumerated() {
                guard let value = value(row, Int32(index), of: type) else {
                    throw .unexpectedColumn(columns.names[index])
                }
                values.append(value)
            }
            rows.append(Row(names: columns.names, values: values))
        }
        return rows
    }

    /// The value in PostgreSQL's binary format, or nil if it is of a type that Gatehouse does not
    /// store.
    private func value(_ row: Int32, _ column: Int32, of type: Oid) -> SQLValue? {
        guard PQgetisnull(pointer, row, column) == 0, type != PostgresType.void,
            let start = PQgetvalue(pointer, row, column)
        else { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: start, count: Int(PQgetlength(pointer, row, column)))
        switch type {
        case PostgresType.int2: return Self.integer(Int16.self, bytes)
        case PostgresType.int4: return Self.integer(Int32.self, bytes)
        case PostgresType.int8: return Self.integer(Int64.self, bytes)
        case PostgresType.text, PostgresType.varchar, PostgresType.name, PostgresType.unknown:
            return .text(String(decoding: bytes, as: UTF8.self))
        case PostgresType.bytea:
            return .bytes(Array(bytes))
        case PostgresType.bool:
            // SQLite's comparisons are integers.
            return .integer(bytes.first == 1 ? 1 : 0)
        default:
            return nil
        }
    }

    private static func integer<Number: FixedWidthInteger>(
        _ type: Number.Type, _ bytes: UnsafeRawBufferPointer
    ) -> SQLValue? {
        guard bytes.count == MemoryLayout<Number>.size else { return nil }
        return .integer(Int64(truncatingIfNeeded: Number(bigEndian: bytes.loadUnaligned(as: type))))
    }
}
