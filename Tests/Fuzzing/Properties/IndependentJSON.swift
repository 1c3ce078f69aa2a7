import GatehouseEncoding
import Glibc

/// A second reader of JSON, written from RFC 8259 and not from the first reader.
///
/// It reads characters where the other reads bytes, collects UTF-16 where the other makes
/// characters, and takes all that the grammar allows: what is refused beyond that, it marks.
struct IndependentJSON {
    /// What a text says, and whether something in it has no meaning that all readers share.
    struct Reading {
        var value: JSONValue
        var isRefusable: Bool
    }

    private let scalars: [Unicode.Scalar]
    private var index = 0
    private var depth = 0
    private var isRefusable = false

    private struct NotJSON: Error {}

    /// What the bytes say; nil if they are no JSON by the grammar of RFC 8259.
    static func read(_ bytes: [UInt8]) -> Reading? {
        // Text that is not UTF-8 inside of a string is a refusable reading, elsewhere it is none;
        // the first reader need not tell one from the other, so both are none here.
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = IndependentJSON(scalars: Array(text.unicodeScalars))
        // What is not JSON has no reading.
        guard let value = try? reader.element(), reader.index == reader.scalars.count else {
            return nil
        }
        return Reading(value: value, isRefusable: reader.isRefusable)
    }

    private init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    private var peek: Unicode.Scalar? { scalars.indices.contains(index) ? scalars[index] : nil }

    private mutating func pop() throws -> Unicode.Scalar {
        guard let scalar = peek else { throw NotJSON() }
        index += 1
        return scalar
    }

    private mutating func space() {
        while let scalar = peek, " \t\r\n".unicodeScalars.contains(scalar) { index += 1 }
    }

    private mutating func element() throws -> JSONValue {
        space()
        defer { space() }
        let first = try pop()
        switch first {
        case "[": return try list()
        case "{": return try members()
        case "\"": return .string(try text())
        default:
            index -= 1
            let word = scalars[index...].prefix { !" \t\r\n,]}".unicodeScalars.contains($0) }
            index += word.count
            switch String(String.UnicodeScalarView(word)) {
            case "null": return .null
            case "true": return .bool(true)
            case "false": return .bool(false)
            case let word: return try number(word)
            }
        }
    }

    private mutating func list() throws -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        if depth > 32 { isRefusable = true }
        space()
        guard peek != "]" else {
            index += 1
            return .array([])
        }
        var values: [JSONValue] = []
        while true {
            values.append(try element())
            switch try pop() {
            case ",": continue
            case "]": return .array(values)
            default: throw NotJSON()
            }
        }
    }

    private mutating func members() throws -> JSONValue {
        depth += 1
        defer { depth -= 1 }
        if depth > 32 { isRefusable = true }
        space()
        guard peek != "}" else {
            index += 1
            return .object(JSONObject())
        }
        var object = JSONObject()
        while true {
            space()
            guard try pop() == "\"" else { throw NotJSON() }
            let name = try text()
            space()
            guard try pop() == ":" else { throw NotJSON() }
            if !object.add(name, try element()) { isRefusable = true }
            switch try pop() {
            case ",": continue
            case "}": return .object(object)
            default: throw NotJSON()
            }
        }
    }

    private mutating func text() throws -> String {
        var units: [UInt16] = []
        while true {
            let scalar = try pop()
            switch scalar {
            case "\"":
                guard let text = String(validating: units, as: UTF16.self) else {
                    isRefusable = true
                    return String(decoding: units, as: UTF16.self)
                }
                return text
            case "\\": units.append(try escape())
            case "\u{0}"..."\u{1F}": throw NotJSON()
            default: units.append(contentsOf: String(scalar).utf16)
            }
        }
    }

    private static let escapes: [Unicode.Scalar: UInt16] = [
        "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
    ]

    private mutating func escape() throws -> UInt16 {
        let letter = try pop()
        if let unit = Self.escapes[letter] { return unit }
        guard letter == "u" else { throw NotJSON() }
        var unit = 0
        for _ in 0..<4 {
            guard let digit = Character(try pop()).hexDigitValue, scalars[index - 1].isASCII else {
                throw NotJSON()
            }
            unit = unit * 16 + digit
        }
        if unit == 0 { isRefusable = true }
        return UInt16(unit)
    }

    /// The number that a word is, by `strtod` and not by Swift.
    private mutating func number(_ word: String) throws -> JSONValue {
        var rest = Array(word.utf8)[...]
        if rest.first == 0x2D { rest.removeFirst() }
        let whole = Self.digits(&rest)
        guard whole.first != 0x30 || whole.count == 1 else { throw NotJSON() }
        var hasFraction = false
        if rest.first == 0x2E {
            rest.removeFirst()
            hasFraction = true
            if Self.digits(&rest).isEmpty { throw NotJSON() }
        }
        if rest.first == 0x65 || rest.first == 0x45 {
            rest.removeFirst()
            hasFraction = true
            if rest.first == 0x2B || rest.first == 0x2D { rest.removeFirst() }
            if Self.digits(&rest).isEmpty { throw NotJSON() }
        }
        guard !whole.isEmpty, rest.isEmpty else { throw NotJSON() }
        if !hasFraction, let integer = Int64(word) { return .integer(integer) }
        let number = strtod(word, nil)
        if word.utf8.count > 128 || !number.isFinite { isRefusable = true }
        return .number(number)
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let digits = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(digits.count)
        return digits
    }
}
