/// Reads JSON from bytes in one pass (RFC 8259), without ever trapping.
///
/// The recursion is bounded by ``deepest``, every index is checked, and text is validated before
/// it becomes a `String`.
struct JSONReader {
    /// How many arrays and objects may enclose each other.
    static let deepest = 32
    /// From how many members on names are hashed instead of compared one by one.
    private static let fewMembers = 32

    let bytes: [UInt8]
    var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var reader = JSONReader(bytes)
        reader.skipSpace()
        let value = try reader.value()
        reader.skipSpace()
        guard reader.next == nil else { throw reader.error(.malformed) }
        return value
    }

    /// The byte at hand, or nil at the end.
    var next: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    func error(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason, at: position)
    }

    /// Steps over a byte if it is the one at hand.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard take(byte) else { throw error(.malformed) }
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        switch next {
        case UInt8(ascii: "\""): .string(try string())
        case UInt8(ascii: "{"): .object(try object())
        case UInt8(ascii: "["): .array(try array())
        case UInt8(ascii: "t"): try literal("true", .bool(true))
        case UInt8(ascii: "f"): try literal("false", .bool(false))
        case UInt8(ascii: "n"): try literal("null", .null)
        default: try number()
        }
    }

    private mutating func literal(
        _ word: String, _ value: JSONValue
    ) throws(JSONError) -> JSONValue {
        for byte in word.utf8 { try expect(byte) }
        return value
    }

    /// Steps into an array or an object, if it may be that deep and is not empty.
    private mutating func enter(_ close: UInt8) throws(JSONError) -> Bool {
        guard depth < Self.deepest else { throw error(.tooDeep) }
        position += 1
        skipSpace()
        guard !take(close) else { return false }
        depth += 1
        return true
    }

    /// Whether another element follows; leaves the array or the object if not.
    private mutating func another(_ close: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        if take(UInt8(ascii: ",")) {
            skipSpace()
            return true
        }
        try expect(close)
        depth -= 1
        return false
    }

    private mutating func array() throws(JSONError) -> [JSONValue] {
        let close = UInt8(ascii: "]")
        guard try enter(close) else { return [] }
        var values: [JSONValue] = []
        repeat {
            values.append(try value())
        } while try another(close)
        return values
    }

    private mutating func object() throws(JSONError) -> JSONObject {
        let close = UInt8(ascii: "}")
        guard try enter(close) else { return JSONObject() }
        var members: [JSONObject.Member] = []
        var names: Set<ExactText> = []
        repeat {
            guard next == UInt8(ascii: "\"") else { throw error(.malformed) }
            let name = try string()
            guard isNew(name, in: members, &names) else { throw error(.duplicateMember) }
            skipSpace()
            try expect(UInt8(ascii: ":"))
            skipSpace()
            members.append(JSONObject.Member(name: name, value: try value()))
        } while try another(close)
        return JSONObject(distinct: members)
    }

    /// Whether no member has the name yet; many names are hashed, or one could buy quadratic time.
    private func isNew(
        _ name: String, in members: [JSONObject.Member], _ names: inout Set<ExactText>
    ) -> Bool {
        if members.count < Self.fewMembers {
            return !members.contains { $0.name.isExactly(name) }
        }
        if names.isEmpty { names = Set(members.map { ExactText($0.name) }) }
        return names.insert(ExactText(name)).inserted
    }
}
