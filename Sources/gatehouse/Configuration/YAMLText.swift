import GatehouseEncoding

/// Writes a value as YAML that every reader understands in the same way.
enum YAMLText {
    static func write(_ object: JSONObject) -> String {
        lines(of: object, depth: 0).map { $0 + "\n" }.joined()
    }

    private static func lines(of object: JSONObject, depth: Int) -> [String] {
        object.members.flatMap { member in
            lines(of: member.value, after: space(depth) + text(member.name) + ":", depth: depth)
        }
    }

    /// The lines of a value that stands after a name or a dash.
    private static func lines(of value: JSONValue, after start: String, depth: Int) -> [String] {
        switch value {
        case .object(let object) where !object.members.isEmpty:
            return [start] + lines(of: object, depth: depth + 1)
        case .array(let values) where !values.isEmpty:
            return [start]
                + values.flatMap { element in
                    lines(of: element, after: space(depth + 1) + "-", depth: depth + 1)
                }
        case .string(let string): return [start + " " + text(string)]
        default: return [start + " " + String(decoding: value.serialized(), as: UTF8.self)]
        }
    }

    private static func space(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    /// A text as it is where no reader takes it for something else, and in quotation marks elsewhere.
    private static func text(_ text: String) -> String {
        isPlain(text) ? text : "\"" + text.unicodeScalars.map(quoted).joined() + "\""
    }

    /// A character between quotation marks, where readers refuse what cannot be seen.
    private static func quoted(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"", "\\": return "\\" + String(scalar)
        case " "..."~": return String(scalar)
        default:
            let isSeen = ![
                .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned,
                .surrogate,
            ].contains(scalar.properties.generalCategory)
            guard !isSeen || scalar.value > 0xFFFF else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
    }

    /// What readers take for a truth value, or for nothing.
    private static let words: Set<String> = [
        "true", "false", "yes", "no", "on", "off", "y", "n", "null",
    ]

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first), !words.contains(text.lowercased())
        else { return false }
        // A colon ends a name only before a space, and there is none.
        return text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "-_./:@".utf8.contains($0) }
            && text.utf8.last != UInt8(ascii: ":")
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
