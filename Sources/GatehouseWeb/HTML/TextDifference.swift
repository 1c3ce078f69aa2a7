/// Where a value that was sent leaves a value that is registered.
///
/// Characters that cannot be seen, or that look like others, are written as `‹U+200B›`.
package struct TextDifference: Sendable {
    private let sent: [String]
    private let registered: [String]
    /// How many characters are the same from the start.
    private let shared: Int

    /// How many characters are the same at the start and at the end.
    package var likeness: Int { shared + sharedEnd }

    private static let longest = 256

    package init(sent: String, registered: String) {
        self.sent = TextDifference.cells(of: sent)
        self.registered = TextDifference.cells(of: registered)
        shared = zip(self.sent, self.registered).prefix { $0 == $1 }.count
    }

    /// The difference as a sentence, for those who do not see the marks.
    package var sentence: HTML {
        let place = shared + 1
        return switch (sent.count > shared, registered.count > shared) {
        case (true, true):
            """
            They differ from character \(place): <code>\(sent[shared])</code> was sent where \
            <code>\(registered[shared])</code> is registered.
            """
        case (true, false):
            "The value sent goes on after character \(shared), where the registered one ends."
        case (false, true):
            "The value sent ends after character \(shared), where the registered one goes on."
        case (false, false): "They are the same, character by character."
        }
    }

    /// The value that was sent, with the part that differs marked.
    package var sentHTML: HTML { marked(sent) }

    /// The value that is registered, with the part that differs marked.
    package var registeredHTML: HTML { marked(registered) }

    /// A value whose every character can be seen.
    package static func visible(_ text: String) -> HTML { "\(joined(cells(of: text)[...]))" }

    private func marked(_ cells: [String]) -> HTML {
        let end = cells.count - sharedEnd
        let same = TextDifference.joined(cells[..<shared])
        let rest = TextDifference.joined(cells[end...])
        guard shared < end else {
            return sent.count == registered.count
                ? "\(same)" : "\(same)<mark class=\"gap\">nothing</mark>\(rest)"
        }
        return "\(same)<mark>\(TextDifference.joined(cells[shared..<end]))</mark>\(rest)"
    }

    /// How many characters are the same at the end, behind the first difference.
    private var sharedEnd: Int {
        let room = min(sent.count, registered.count) - shared
        return zip(sent.reversed(), registered.reversed()).prefix { $0 == $1 }.prefix(room).count
    }

    private static func joined(_ cells: ArraySlice<String>) -> String {
        guard cells.count > longest else { return cells.joined() }
        return cells.prefix(longest).joined() + "… (\(cells.count - longest) more characters)"
    }

    private static func cells(of text: String) -> [String] {
        text.unicodeScalars.prefix(longest * 4).map { scalar in
            if (0x21...0x7E).contains(scalar.value) { return String(scalar) }
            let digits = String(scalar.value, radix: 16, uppercase: true)
            return "‹U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "›"
        }
    }
}
