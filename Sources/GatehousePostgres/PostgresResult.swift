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
        /// An answer to something that this driver never asks for.
        case unexpected
    }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: .success
        case PGRES_FATAL_ERROR: .failure
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

    func rows() throws(DatabaseError) -> [Row] {
        let columns = (0..<PQnfields(pointer)).map { column in
            (name: String(cString: PQfname(pointer, column)), type: PQftype(pointer, column))
        }
        let names = columns.map(\.name)
        var rows: [Row] = []
        rows.reserveCapacity(Int(PQntuples(pointer)))
        for row in 0..<PQntuples(pointer) {
            var values: [SQLValue] = []
            values.reserveCapacity(columns.count)
            for (index, column) in columns.enumerated() {
                guard let value = value(row, Int32(index), of: column.type) else {
                    throw .unexpectedColumn(column.name)
                }
                values.append(value)
            }
            rows.append(Row(names: names, values: values))
        }
        return rows
    }

    /// The value, or nil if it is of a type that Gatehouse does not store.
    private func value(_ row: Int32, _ column: Int32, of type: Oid) -> SQLValue? {
        guard PQgetisnull(pointer, row, column) == 0, type != PostgresType.void,
            let start = PQgetvalue(pointer, row, column)
        else { return .null }
        let bytes = UnsafeRawBufferPointer(
            start: start, count: Int(PQgetlength(pointer, row, column)))
        switch type {
        case PostgresType.int2, PostgresType.int4, PostgresType.int8:
            return Int64(String(decoding: bytes, as: UTF8.self)).map(SQLValue.integer)
        case PostgresType.text, PostgresType.varchar, PostgresType.name, PostgresType.unknown:
            return .text(String(decoding: bytes, as: UTF8.self))
        case PostgresType.bytea:
            return Self.decodedHex(bytes).map(SQLValue.bytes)
        case PostgresType.bool:
            // SQLite's comparisons are integers.
            return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        default:
            return nil
        }
    }

    /// The bytes of `\x…`.
    private static func decodedHex(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count >= 2, text.count.isMultiple(of: 2), text.starts(with: Array("\\x".utf8))
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
