import CLibPQ
import GatehouseSQL

/// The arguments of a statement in PostgreSQL's binary format.
struct PostgresArguments {
    /// The type of each argument; 0, for null, lets the server find it out.
    private(set) var types: [Oid] = []
    /// Every value, one after the other.
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [SQLValue]) {
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
    }

    var count: Int32 { Int32(clamping: types.count) }

    /// Calls the body with the arrays that libpq takes: values, lengths, formats.
    func withPointers<Result>(
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        bytes.withUnsafeBytes { buffer in
            let values = offsets.map { offset in
                offset.flatMap { buffer[$0...].assumingMemoryBound(to: CChar.self).baseAddress }
            }
            return body(values, lengths, Array(repeating: 1, count: types.count))
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
