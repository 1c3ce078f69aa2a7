import GatehouseEncoding
import GatehouseProtocol

/// A cookie that is found is one whole piece of a header, there once, and one that we could have
/// set.
///
/// Each line of an input is a `Cookie` header; the first is a cookie's value and name, too.
enum CookieProperties {
    static func check(_ input: [UInt8]) throws(Violation) {
        let lines = lines(of: input)
        let names = [
            CookieName("session"), CookieName("b").adding("." + (lines.first ?? "")),
        ]
        for name in names { try checkFinding(name, in: lines) }
        try checkSetting(lines.first ?? "")
    }

    private static func checkFinding(_ name: CookieName, in lines: [String]) throws(Violation) {
        let found = Cookies(lines: lines)[name]
        let expected = value(of: name, in: lines)
        try require(found.map(ExactText.init) == expected, "A cookie is a piece of a header.")
        guard let found else { return }
        let planted = name.text + "=planted"
        for lines in [[planted] + lines, lines + [planted], ["\(planted);\(lines[0])"]] {
            let again = Cookies(lines: lines)[name]
            try require(
                again == nil || lines.count == 1 && again == "planted", "No cookie is replaced.")
        }
        let pair = SetCookie(name, value: found, sameSite: .lax)
        try require(pair != nil, "What is found is what we could have set.")
    }

    /// A second reading: pieces between semicolons, and the one that is this cookie.
    private static func value(of name: CookieName, in lines: [String]) -> ExactText? {
        guard lines.map(\.utf8.count).reduce(0, +) <= Cookies.maximumBytes else { return nil }
        let pieces = lines.flatMap { $0.unicodeScalars.split(separator: ";") }
        guard pieces.count <= Cookies.maximumCount else { return nil }
        var values: [String] = []
        for piece in pieces {
            let sides = String(piece).unicodeScalars.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, trimmed(sides[0]).isExactly(name.text) else { continue }
            values.append(trimmed(sides[1]))
        }
        guard values.count == 1, isToken(values[0]), isToken(name.text) else { return nil }
        return ExactText(values[0])
    }

    private static func trimmed(_ scalars: Substring.UnicodeScalarView) -> String {
        var scalars = scalars
        while let first = scalars.first, first == " " || first == "\t" { scalars.removeFirst() }
        while let last = scalars.last, last == " " || last == "\t" { scalars.removeLast() }
        return String(scalars)
    }

    /// Visible ASCII without separators (RFC 9110 §5.6.2).
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                ("\u{21}"..."\u{7E}").contains(scalar)
                    && !"\"(),/:;<=>?@[\\]{}".unicodeScalars.contains(scalar)
            }
    }

    private static func checkSetting(_ value: String) throws(Violation) {
        let name = CookieName("session")
        let cookie = SetCookie(name, value: value, sameSite: .strict, maxAge: .seconds(1))
        try require((cookie != nil) == isToken(value), "Only a token is a value.")
        guard let cookie else { return }
        let attributes = "; Max-Age=1; Path=/; Secure; HttpOnly; SameSite=Strict"
        try require(
            cookie.headerValue.isExactly("__Host-session=\(value)\(attributes)"),
            "A value adds no attribute.")
        guard value.utf8.count < Cookies.maximumBytes - 100 else { return }
        let sent = "a=b; " + cookie.headerValue.prefix { $0 != ";" }
        let found = Cookies(lines: [sent])[name]
        try require(found.map(ExactText.init) == ExactText(value), "What is set comes back.")
    }
}
