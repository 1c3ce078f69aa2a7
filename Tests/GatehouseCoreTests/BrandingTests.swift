import GatehouseProtocol
import Testing

@testable import GatehouseCore

/// Colours that pages may have: how well they are read, and what becomes of those that are not.
@Suite("Branding")
struct BrandingTests {
    private static func color(_ text: String) throws -> Color {
        try #require(Color(parsing: text))
    }

    @Test(arguments: [
        ("#1d4ed8", "#1d4ed8"), ("#1D4ED8", "#1d4ed8"), ("#abc", "#aabbcc"), ("#000", "#000000"),
    ])
    func `reads colours as stylesheets write them`(_ text: String, _ read: String) throws {
        #expect(try Self.color(text).text == read)
    }

    @Test(arguments: [
        "", "#", "1d4ed8", "#1d4ed", "#1d4ed88", "#ggg", "red", "#12", "#1d4ed8;", " #1d4ed8",
        "#1d4ed8\n", "#１２３", "rgb(0,0,0)", "#0000000000", "#\u{0}00",
    ])
    func `reads nothing else`(_ text: String) {
        #expect(Color(parsing: text) == nil)
    }

    /// The values that every calculator gives for WCAG 2.
    @Test(arguments: [
        ("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54),
        ("#ff0000", "#ffffff", 4.0), ("#0000ff", "#ffffff", 8.59), ("#1d4ed8", "#1d4ed8", 1.0),
    ])
    func `measures contrast as WCAG does`(
        _ one: String, _ other: String, _ ratio: Double
    ) throws {
        let (one, other) = (try Self.color(one), try Self.color(other))
        #expect(abs(one.contrast(with: other) - ratio) < 0.005)
        #expect(one.contrast(with: other) == other.contrast(with: one))
    }

    @Test(arguments: PageScheme.allCases)
    func `finds for every colour one that can be read`(_ scheme: PageScheme) {
        let steps = stride(from: UInt8(0), through: 255, by: 51)
        for red in steps {
            for green in steps {
                for blue in steps {
                    let color = Color(red: red, green: green, blue: blue)
                    let found = Contrast.readable(nextTo: color, in: scheme)
                    let contrast = Contrast(of: found, in: scheme)
                    #expect(contrast.isReadable, "\(color.text): \(found.text)")
                    #expect(contrast.pairs.allSatisfy { $0.ratio >= 4.5 })
                    #expect(Contrast.readable(nextTo: found, in: scheme) == found)
                }
            }
        }
    }

    @Test(arguments: PageScheme.allCases)
    func `has colours of its own that can be read`(_ scheme: PageScheme) {
        #expect(Contrast(of: scheme.accent, in: scheme).isReadable)
        #expect(Branding().accent(in: scheme) == scheme.accent)
    }

    @Test func `makes the colour of dark pages of the other one`() throws {
        var branding = Branding()
        branding.accent = try Self.color("#1d4ed8")
        let dark = branding.accent(in: .dark)
        #expect(dark != branding.accent && Contrast(of: dark, in: .dark).isReadable)
        branding.darkAccent = try Self.color("#93c5fd")
        #expect(branding.accent(in: .dark).text == "#93c5fd")
        branding.accent = nil
        #expect(branding.accent(in: .light) == PageScheme.light.accent)
    }

    @Test func `is stored and read`() throws {
        #expect(Branding().stored == nil)
        var branding = Branding()
        branding.accent = try Self.color("#1d4ed8")
        branding.corners = .square
        branding.support = .init(parsing: "https://example.com/help?a=1")
        #expect(try Branding(stored: branding.stored) == branding)
    }
}
