/// How well a colour of links and buttons can be read wherever pages of one scheme have it.
package struct Contrast: Sendable {
    package let scheme: PageScheme
    package let pairs: [Pair]

    /// What text needs against what is behind it (WCAG 2.2 SC 1.4.3, level AA).
    package static let needed = 4.5

    /// A colour of text, and one behind it.
    package struct Pair: Sendable {
        package let place: Place
        package let text: Color
        package let background: Color

        package var ratio: Double { text.contrast(with: background) }
        package var isReadable: Bool { ratio >= Contrast.needed }
    }

    /// Where the colours meet.
    package enum Place: String, Sendable, CaseIterable {
        case linkOnCard = "link_on_card"
        case linkAroundCard = "link_around_card"
        case chosen
        case button
        case buttonUnderPointer = "button_under_pointer"
    }

    package init(of accent: Color, in scheme: PageScheme) {
        let shades = Shades(of: accent, in: scheme)
        self.scheme = scheme
        pairs = [
            Pair(place: .linkOnCard, text: accent, background: scheme.card),
            Pair(place: .linkAroundCard, text: accent, background: scheme.ground),
            Pair(place: .chosen, text: accent, background: shades.soft),
            Pair(place: .button, text: shades.onAccent, background: accent),
            Pair(place: .buttonUnderPointer, text: shades.onAccent, background: shades.hover),
        ]
    }

    package var isReadable: Bool { pairs.allSatisfy(\.isReadable) }

    /// The pair that is read worst.
    package var worst: Pair? { pairs.min { $0.ratio < $1.ratio } }

    /// The colour next to one that can be read everywhere: the same, if it can.
    ///
    /// It is made darker for light pages, and lighter for dark ones, until it can.
    package static func readable(nextTo color: Color, in scheme: PageScheme) -> Color {
        let candidates = (0...100).lazy.map { color.mixed(with: scheme.far, hundredths: $0) }
        return candidates.first { Contrast(of: $0, in: scheme).isReadable } ?? scheme.accent
    }
}
