import Foundation
import GatehouseCore
import Testing

@testable import GatehouseWeb

/// Stylesheets that are made of their names alone.
@Suite("The stylesheet of a branding")
struct BrandStylesheetTests {
    @Test(arguments: [
        "1d4ed8-93c5fd-round.css", "000000-ffffff-square.css", "17634f-6fd0ae-soft-dark.css",
        "17634f-6fd0ae-soft-light.css",
    ])
    func `is known by its name`(_ name: String) throws {
        #expect(try #require(BrandStylesheet(name: name)).name == name)
    }

    /// One spelling each, so that a cache keeps one, and nothing but colours in it (GH-394).
    @Test(arguments: [
        "", ".css", "1d4ed8-93c5fd-round", "1D4ED8-93c5fd-round.css", "1d4-93c5fd-round.css",
        "1d4ed8-93c5fd-oval.css", "1d4ed8-93c5fd-round-blue.css", "1d4ed8-93c5fd-round-.css",
        "1d4ed8--93c5fd-round.css", "1d4ed8-93c5fd-round.css.css", "1d4ed8-93c5fd-round.CSS",
        "red-93c5fd-round.css", "1d4ed8;}-93c5fd-round.css", "1d4ed8-93c5fd-round-dark-x.css",
        "%31d4ed8-93c5fd-round.css", "1d4ed8-93c5fd-round.css\u{0}",
    ])
    func `is not known by another one`(_ name: String) {
        #expect(BrandStylesheet(name: name) == nil)
    }

    @Test func `is none where nobody chose anything`() {
        #expect(BrandStylesheet(Branding()) == nil)
    }

    @Test func `says what the pages have, light and dark`() throws {
        var branding = Branding()
        branding.accent = Color(parsing: "#1d4ed8")
        branding.corners = .square
        let sheet = try #require(BrandStylesheet(branding))
        #expect(sheet.text.contains("--accent: #1d4ed8;"))
        #expect(sheet.text.contains("--card-corner: 0;"))
        #expect(sheet.text.contains("@media (prefers-color-scheme: dark)"))
        let dark = try #require(BrandStylesheet(branding, in: .dark))
        #expect(!dark.text.contains("@media") && dark.name.hasSuffix("-square-dark.css"))
    }

    /// What is judged is what pages have: contrast is measured against the colours of the stylesheet.
    @Test func `measures against the colours of the pages`() throws {
        let text = String(decoding: PackageResources.gatehouse_css, as: UTF8.self)
        let parts = text.components(separatedBy: "@media (prefers-color-scheme: dark)")
        let (light, dark) = (parts[0], try #require(parts.dropFirst().first))
        for (scheme, css) in [(PageScheme.light, light), (.dark, dark)] {
            let shades = Shades(of: scheme.accent, in: scheme)
            for (name, color) in [
                ("ground", scheme.ground), ("card", scheme.card), ("accent", scheme.accent),
                ("accent-hover", shades.hover), ("on-accent", shades.onAccent),
                ("soft", shades.soft),
            ] {
                let start = try #require(css.range(of: "--\(name): ")).upperBound
                #expect(css[start...].prefix(7) == color.text, "\(scheme) \(name)")
            }
        }
    }
}
