private import GatehouseEncoding
import GatehouseSQL

/// Which logos are kept for somebody: one for light pages, and one for dark ones if there is another.
package struct Logos: Sendable, Hashable {
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
            throw DatabaseError.unexpectedColumn("logos")
        }
        self.light = Logo.ID(stored: light)
        dark = json["dark"]?.string.map(Logo.ID.init(stored:))
        source = json["source"]?.string
    }
}

/// Whose logos they are: they end with it.
enum LogoOwner: Sendable {
    case client(Client.ID)
    case organization(Organization.ID)
    case tenant(Tenant.ID)

    /// The client, if it is one.
    var client: Client.ID? {
        if case .client(let id) = self { id } else { nil }
    }

    /// The organization, if it is one.
    var organization: Organization.ID? {
        if case .organization(let id) = self { id } else { nil }
    }

    /// The id, as events name what they are about.
    var subject: String {
        switch self {
        case .client(let id): id.text
        case .organization(let id): id.text
        case .tenant(let id): id.text
        }
    }

    /// What happened once it has other logos.
    var change: Event.Kind {
        switch self {
        case .client: .clientLogoChanged
        case .organization: .organizationLogoChanged
        case .tenant: .tenantLogoChanged
        }
    }
}
