private import GatehouseEncoding
import GatehouseSQL

/// Which logos are kept for a client: one for light pages, and one for dark ones if it has another.
package struct ClientLogos: Sendable, Hashable {
    package let light: Logo.ID
    package let dark: Logo.ID?
    /// The `logo_uri` that it was fetched from; nil if an operator put it here.
    package let source: String?

    init(light: Logo.ID, dark: Logo.ID? = nil, source: String? = nil) {
        self.light = light
        self.dark = dark
        self.source = source
    }

    /// The text for the database.
    var stored: String {
        let json = JSONWriter.object { json in
            json.add("light", light.text)
            if let dark { json.add("dark", dark.text) }
            if let source { json.add("source", source) }
        }
        return String(decoding: json, as: UTF8.self)
    }

    init(stored text: String) throws {
        let json = try JSONObject(parsing: Array(text.utf8))
        guard let light = json["light"]?.string else {
            throw DatabaseError.unexpectedColumn("client.logos")
        }
        self.light = Logo.ID(stored: light)
        dark = json["dark"]?.string.map(Logo.ID.init(stored:))
        source = json["source"]?.string
    }
}

extension Client {
    /// The logos that pages show: those that an operator put here, or else what was fetched from where
    /// the client says now that its logo is.
    package var shownLogos: ClientLogos? {
        guard let source = logos?.source else { return logos }
        return registration.description.logo == source ? logos : nil
    }

    /// Where the logo is that has to be fetched; nil if none has to be.
    var awaitedLogo: String? {
        guard registration.origin.isSelfDeclared, shownLogos == nil else { return nil }
        return registration.description.logo
    }
}
