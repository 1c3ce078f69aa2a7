private import GatehouseEncoding
package import GatehouseProtocol
import GatehouseSQL

/// How the pages of a tenant look to those who sign in, besides its name and its logos.
///
/// It is data, and never markup or a stylesheet of somebody's, so that no branding can hide what a page
/// says, and none breaks with the next version.
package struct Branding: Sendable, Hashable {
    /// The colour of links and buttons on light pages; nil for Gatehouse's own.
    package var accent: Color?
    /// The same on dark pages; nil for what can be read there and is next to the other one.
    package var darkAccent: Color?
    package var corners = Corners.soft
    /// Where people find help, if they do.
    package var support: WebAddress?
    /// What is done with what is known of them.
    package var privacy: WebAddress?
    /// What they agree to by signing in.
    package var terms: WebAddress?

    /// How round cards, fields and buttons are.
    package enum Corners: String, Sendable, CaseIterable {
        case square
        case soft
        case round
    }

    package init() {}

    /// The colour of links and buttons on pages of a scheme.
    package func accent(in scheme: PageScheme) -> Color {
        switch (scheme, accent, darkAccent) {
        case (.light, let accent?, _): accent
        case (.dark, _, let darkAccent?): darkAccent
        case (.dark, let accent?, nil): Contrast.readable(nextTo: accent, in: .dark)
        default: scheme.accent
        }
    }

    // MARK: The database

    /// The text for the database; nil if there is nothing to say.
    var stored: String? {
        guard self != Branding() else { return nil }
        let json = JSONWriter.object { json in
            if let accent { json.add("accent", accent.text) }
            if let darkAccent { json.add("dark_accent", darkAccent.text) }
            json.add("corners", corners.rawValue)
            if let support { json.add("support", support.text) }
            if let privacy { json.add("privacy", privacy.text) }
            if let terms { json.add("terms", terms.text) }
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String?) throws {
        guard let text else { return }
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let corners = json["corners"]?.string.flatMap(Corners.init(rawValue:)) else {
            throw DatabaseError.unexpectedColumn("tenant.branding")
        }
        self.corners = corners
        accent = json["accent"]?.string.flatMap(Color.init(parsing:))
        darkAccent = json["dark_accent"]?.string.flatMap(Color.init(parsing:))
        support = json["support"]?.string.flatMap(WebAddress.init(parsing:))
        privacy = json["privacy"]?.string.flatMap(WebAddress.init(parsing:))
        terms = json["terms"]?.string.flatMap(WebAddress.init(parsing:))
    }
}
