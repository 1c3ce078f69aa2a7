/// How values are written: compact, minimal escapes, the order of members as given.
enum JSONText {
    static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let value): append(value, to: &bytes)
        case .integer(let value): append(value, to: &bytes)
        case .number(let value): append(value, to: &bytes)
        case .string(let value): append(value, to: &bytes)
        case .array(let values):
            var separator = UInt8(ascii: "[")
            if values.isEmpty { bytes.append(separator) }
            for value in values {
                bytes.append(separator)
                append(value, to: &bytes)
                separator = UInt8(ascii: ",")
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            var separator = UInt8(ascii: "{")
            if object.members.isEmpty { bytes.append(separator) }
            for member in object.members {
                bytes.append(separator)
                append(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                append(member.value, to: &bytes)
                separator = UInt8(ascii: ",")
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    static func append(_ value: Bool, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: String(value).utf8)
    }

    /// Writes a number; JSON has no word for an infinite one, so `null` stands for it.
    static func append(_ value: Double, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
    }

    static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        let isPlain = text.withUTF8 { utf8 in
            // Every byte is looked at: a loop that never ends early is compiled to many at a time.
            guard unsafe utf8.reduce(0, { $0 | mayNeedEscape($1) }) == 0 else { return false }
            unsafe bytes.append(contentsOf: utf8)
            return true
        }
        if !isPlain {
            for scalar in text.unicodeScalars { appendEscaped(scalar, to: &bytes) }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Not zero if a byte is, or begins, something that is escaped.
    private static func mayNeedEscape(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0)
            | (byte == UInt8(ascii: "\\") ? 1 : 0) | (byte == 0xE2 ? 1 : 0)
    }

    /// Writes a character; line and paragraph separators too are escaped, since scripts and logs
    /// take them for line ends.
    private static func appendEscaped(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
        switch scalar {
        case "\"", "\\": bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(scalar.value)])
        case "\n": bytes.append(contentsOf: "\\n".utf8)
        case "\r": bytes.append(contentsOf: "\\r".utf8)
        case "\t": bytes.append(contentsOf: "\\t".utf8)
        case "\u{08}": bytes.append(contentsOf: "\\b".utf8)
        case "\u{0C}": bytes.append(contentsOf: "\\f".utf8)
        case "\u{2028}": bytes.append(contentsOf: "\\u2028".utf8)
        case "\u{2029}": bytes.append(contentsOf: "\\u2029".utf8)
        case "\u{00}"..<"\u{20}":
            let digits = String(scalar.value, radix: 16)
            bytes.append(contentsOf: (scalar.value < 0x10 ? "\\u000" : "\\u00").utf8)
            bytes.append(contentsOf: digits.utf8)
        default: bytes.append(contentsOf: scalar.utf8)
        }
    }
}
