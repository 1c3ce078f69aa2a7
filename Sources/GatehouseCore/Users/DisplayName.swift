/// A name that people read: of a person, a client or a tenant.
///
/// One line of 1 to 100 characters.
package struct DisplayName: Hashable, Sendable {
    package let text: String

    package init?(parsing text: String) {
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

    /// Neither a control character, nor one that turns the direction of the text around it.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned: false
        case .format: scalar.value == 0x200C || scalar.value == 0x200D
        default: true
        }
    }
}
