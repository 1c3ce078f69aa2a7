package import GatehouseCore

/// The stylesheet of the colours and corners that somebody chose for the pages of a tenant.
///
/// All that it says is in its name, in values that are parsed, so it never changes, belongs to nobody,
/// and can be made without asking a database.
package struct BrandStylesheet: Sendable, Hashable {
    private let light: Color
    private let dark: Color
    private let corners: Branding.Corners
    /// The scheme that pages have whatever the device asks for; nil if they follow it.
    private let scheme: PageScheme?

    /// The stylesheet of a branding; nil if nothing differs from what pages have anyway.
    package init?(_ branding: Branding, in scheme: PageScheme? = nil) {
        light = branding.accent(in: .light)
        dark = branding.accent(in: .dark)
        corners = branding.corners
        self.scheme = scheme
        guard light != PageScheme.light.accent || dark != PageScheme.dark.accent || corners != .soft
        else { return nil }
    }

    /// Reads the name of a file: only the one spelling that ``name`` has.
    package init?(name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "css" else { return nil }
        let values = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard values.count == 3 || values.count == 4, let light = Color(digits: values[0]),
            let dark = Color(digits: values[1]),
            let corners = Branding.Corners(rawValue: String(values[2]))
        else { return nil }
        self.light = light
        self.dark = dark
        self.corners = corners
        scheme = values.count == 4 ? PageScheme(rawValue: String(values[3])) : nil
        guard self.name == name else { return nil }
    }

    /// The name of the file, such as `1d4ed8-6888e5-round.css`.
    package var name: String {
        let values =
            [light.digits, dark.digits, corners.rawValue] + [scheme?.rawValue].compactMap(\.self)
        return values.joined(separator: "-") + ".css"
    }

    /// What is in the file.
    package var text: String {
        let onLight = ":root {\n\(Self.colors(of: light, in: .light))\n\(radii)\n}\n"
        let onDark = ":root {\n\(Self.colors(of: dark, in: .dark))\n}\n"
        return switch scheme {
        case nil: "\(onLight)@media (prefers-color-scheme: dark) {\n\(onDark)}\n"
        case .light: onLight
        case .dark: onLight + onDark
        }
    }

    private static func colors(of accent: Color, in scheme: PageScheme) -> String {
        let shades = Shades(of: accent, in: scheme)
        return """
              --accent: \(shades.accent.text);
              --accent-hover: \(shades.hover.text);
              --on-accent: \(shades.onAccent.text);
              --soft: \(shades.soft.text);
            """
    }

    private var radii: String {
        let (corner, card) =
            switch corners {
            case .square: ("0", "0")
            case .soft: ("0.625rem", "1rem")
            case .round: ("1.5rem", "2rem")
            }
        return "  --corner: \(corner);\n  --card-corner: \(card);"
    }
}
