/// That a configuration, which somebody keeps in files, manages something, and what it calls it.
///
/// It is what tells a thing that the configuration made from one that it has nothing to do with, and
/// what finds a client again, whose id nobody can choose.
package struct ConfigurationMark: Sendable, Hashable {
    package let kind: Kind
    /// The id of what is managed.
    package let object: String
    /// What the configuration calls itself.
    package let manager: Slug
    /// What the configuration calls the thing.
    package let name: Name

    package init(_ kind: Kind, _ object: String, by manager: Slug, as name: Name) {
        self.kind = kind
        self.object = object
        self.manager = manager
        self.name = name
    }

    /// What can be managed.
    package enum Kind: String, Sendable, CaseIterable {
        case client
        case resource
        case trustedIssuer = "trusted_issuer"
        case role
        case organization
        case group
    }

    /// A name in a configuration: 1 to 600 visible characters of ASCII.
    package struct Name: Sendable, Hashable {
        package let text: String

        package init?(parsing text: String) {
            guard (1...600).contains(text.utf8.count),
                text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { return nil }
            self.text = text
        }

        init(stored text: String) {
            self.text = text
        }
    }
}
