/// Writes a text as a literal of some language, so that it is this text there and nothing else.
///
/// What is registered for a client can be hostile: a scope may hold quotes, backslashes and
/// backticks, and a redirect URI an apostrophe or a dollar sign. None of them may become code of
/// whoever pastes it.
enum CodeLiteral {
    static func javaScript(_ text: String) -> String { quoted(text) { utf16($0) } }

    static func python(_ text: String) -> String { quoted(text, long) }

    static func go(_ text: String) -> String { quoted(text, long) }

    /// TOML, as a basic string.
    static func toml(_ text: String) -> String { quoted(text, long) }

    static func swift(_ text: String) -> String {
        quoted(text) { "\\u{" + String($0.value, radix: 16) + "}" }
    }

    static func cSharp(_ text: String) -> String { quoted(text) { utf16($0) } }

    /// Java reads `\u000a` as a line break before it looks for literals, so what is ASCII is written
    /// in octal there.
    static func java(_ text: String) -> String {
        quoted(text) { scalar in
            scalar.value < 0x80 ? "\\" + padded(scalar.value, 8, 3) : utf16(scalar)
        }
    }

    /// PHP between apostrophes, where nothing but these and backslashes means something.
    static func php(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }

    /// A word of a shell, between apostrophes.
    static func shell(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// Text between quotation marks: what is no plain ASCII, or opens a tag, as an escape.
    private static func quoted(
        _ text: String, _ escape: (Unicode.Scalar) -> String
    ) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "<", ">": literal += escape(scalar)
            case " "..."~": literal.unicodeScalars.append(scalar)
            default: literal += escape(scalar)
            }
        }
        return literal + "\""
    }

    private static func utf16(_ scalar: Unicode.Scalar) -> String {
        UTF16.encode(scalar).map { units in
            units.map { "\\u" + padded(UInt32($0), 16, 4) }.joined()
        } ?? ""
    }

    private static func long(_ scalar: Unicode.Scalar) -> String {
        "\\U" + padded(scalar.value, 16, 8)
    }

    private static func padded(_ number: UInt32, _ radix: Int, _ digits: Int) -> String {
        let text = String(number, radix: radix)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
