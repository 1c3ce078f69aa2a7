/// Light pages or dark ones, as the device of a person asks for (`prefers-color-scheme`).
package enum PageScheme: String, Sendable, CaseIterable {
    case light
    case dark

    /// The colour around the card on which everything stands: `--ground` of the stylesheet.
    package var ground: Color {
        switch self {
        case .light: Color(red: 0xF3, green: 0xF5, blue: 0xF2)
        case .dark: Color(red: 0x0F, green: 0x14, blue: 0x12)
        }
    }

    /// The colour of the card: `--card` of the stylesheet.
    package var card: Color {
        switch self {
        case .light: .white
        case .dark: Color(red: 0x18, green: 0x1F, blue: 0x1C)
        }
    }

    /// What links and buttons have where nobody chose a colour: `--accent` of the stylesheet.
    package var accent: Color {
        switch self {
        case .light: Color(red: 0x17, green: 0x63, blue: 0x4F)
        case .dark: Color(red: 0x6F, green: 0xD0, blue: 0xAE)
        }
    }

    /// What a colour is mixed with so that it stands out more.
    var far: Color { self == .light ? .black : .white }
}

/// The shades of a colour of links and buttons that pages need.
package struct Shades: Sendable, Hashable {
    package let accent: Color
    /// The same under a pointer.
    package let hover: Color
    /// What is written upon it.
    package let onAccent: Color
    /// A breath of it, behind what is chosen.
    package let soft: Color

    package init(of accent: Color, in scheme: PageScheme) {
        self.accent = accent
        hover = accent.mixed(with: scheme.far, hundredths: 25)
        onAccent =
            accent.contrast(with: .white) >= accent.contrast(with: .black) ? .white : .black
        soft = scheme.card.mixed(with: accent, hundredths: 8)
    }
}
