/// A name that people read: of a person, a client or a tenant.
///
/// One line of 1 to 100 characters.
package struct DisplayName: Hashable, Sendable {
    package let text: String

    package init?(parsing text: String) {
        if Self.isPlain(text) {
            self.text = text
            return
        }
        let scalars = text.unicodeScalars
        let trimmed = scalars.drop { $0.properties.isWhitespace }
        guard let last = trimmed.lastIndex(where: { !$0.properties.isWhitespace }) else {
            return nil
        }
        let kept = trimmed[...last]
        guard kept.count <= 100, kept.allSatisfy(Self.isAllowed),
            kept.contains(where: { $0.properties.generalCategory != .format })
        else { return nil }
        self.text = String(String.UnicodeScalarView(kept))
    }

    private init(literal text: StaticString) {
        self.text = text.description
    }

    /// Of whom nothing is known.
    static let unnamed = Self(literal: "Unnamed application")

    /// Whether it is printable ASCII with nothing to trim, as most names are: what the general rule
    /// says of these is known without asking what kind of character each is.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8
        let space = UInt8(ascii: " ")
        return !bytes.isEmpty && bytes.count <= 100 && bytes.first != space && bytes.last != space
            && bytes.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Neither a control character, nor one that turns the direction of the text around it.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        case .format: scalar.value == 0x200C || scalar.value == 0x200D
        default: true
        }
    }
}
