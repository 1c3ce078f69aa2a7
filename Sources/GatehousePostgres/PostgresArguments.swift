import CLibPQ
import GatehouseSQL

/// The arguments of a statement in PostgreSQL's binary format.
///
/// One of them serves one statement after another, so that its memory is asked for once.
struct PostgresArguments {
    /// The type of each argument; 0, for null, lets the server find it out.
    private(set) var types: [Oid] = []
    /// Every value, one after the other.
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []
    private var formats: [Int32] = []

    /// Takes the values of the next statement.
    mutating func set(_ values: [SQLValue]) {
        types.removeAll(keepingCapacity: true)
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for value in values {
            let start = bytes.count
            switch value {
            case .null: types.append(0)
            case .integer(let integer):
                types.append(PostgresType.int8)
                withUnsafeBytes(of: integer.bigEndian) { bytes.append(contentsOf: $0) }
            case .text(let text):
                types.append(PostgresType.text)
                bytes.append(contentsOf: text.utf8)
            case .bytes(let value):
                types.append(PostgresType.bytea)
                bytes.append(contentsOf: value)
            }
            offsets.append(value == .null ? nil : start)
            lengths.append(Int32(clamping: bytes.count - start))
        }
        // An empty value at the end needs an address too, or it would be null.
        bytes.append(0)
        while formats.count < values.count { formats.append(1) }
    }

    var count: Int32 { Int32(clamping: types.count) }

    /// Calls the body with the arrays that libpq takes: values, lengths, formats.
    mutating func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            pointers.removeAll(keepingCapacity: true)
            for offset in offsets {
                pointers.append(
                    offset.flatMap { buffer[$0...].assumingMemoryBound(to: CChar.self).baseAddress }
                )
            }
            return body(pointers, lengths, formats)
        }
    }
}

/// The numbers of the types that can come back (`pg_type.oid`; fixed since ever).
enum PostgresType {
    static let bool: Oid = 16
    static let bytea: Oid = 17
    static let name: Oid = 19
    static let int8: Oid = 20
    static let int2: Oid = 21
    static let int4: Oid = 23
    static let text: Oid = 25
    static let unknown: Oid = 705
    static let varchar: Oid = 1043
    static let void: Oid = 2278
}
