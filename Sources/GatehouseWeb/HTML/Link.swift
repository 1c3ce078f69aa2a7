package import GatehouseProtocol

/// An address that a page may point to.
///
/// It is a path on this site, a place on this page, an absolute http or https address which the
/// caller has proven to belong to the client, or a redirect URI that the client registered. Nothing else can stand in an `href` or
/// `action`: no `javascript:`, no `//host`, no backslash that a browser reads as a slash.
package struct Link: Sendable, Hashable {
    /// The address as it stands in the attribute, before escaping.
    package let target: String

    /// A path on this site, query included.
    package init?(path: String) {
        guard Link.isPath(path) else { return nil }
        target = path
    }

    /// An absolute http or https address that was matched against a registered one.
    package init?(proven address: String) {
        guard Link.isAbsolute(address) else { return nil }
        target = address
    }

    /// A registered redirect URI with parameters of ours: an absolute address, or one of an
    /// installed application.
    package init(to redirectURI: RedirectURI, adding parameters: [(String, String)] = []) {
        target = redirectURI.adding(parameters)
    }

    private static func isPath(_ path: String) -> Bool {
        let bytes = path.utf8
        guard bytes.first == UInt8(ascii: "/"), isPlain(path) else { return false }
        return bytes.dropFirst().first != UInt8(ascii: "/")
    }

    private static func isAbsolute(_ address: String) -> Bool {
        let rest: Substring
        if address.hasPrefix("https://") {
            rest = address.dropFirst("https://".count)
        } else if address.hasPrefix("http://") {
            rest = address.dropFirst("http://".count)
        } else {
            return false
        }
        guard let first = rest.utf8.first, isPlain(address) else { return false }
        return first != UInt8(ascii: "/") && first != UInt8(ascii: "?")
            && first != UInt8(ascii: "#") && first != UInt8(ascii: ":")
    }

    /// Printable ASCII without the characters that no URI contains; browsers drop tabs and
    /// line ends from an address and read a backslash as a slash.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"),
                UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "{"), UInt8(ascii: "|"),
                UInt8(ascii: "}"):
                false
            default: (0x21...0x7E).contains(byte)
            }
        }
    }
}

extension Link: ExpressibleByStringLiteral {
    /// A path or a `#place` that stands in the source.
    package init(stringLiteral literal: StaticString) {
        let text = "\(literal)"
        precondition(
            text.hasPrefix("#") && Link.isPlain(text) || Link.isPath(text),
            "a link in the source is a path on this site or a place on the page")
        target = text
    }
}

/// A link and the words it is shown with.
package struct NamedLink: Sendable, Hashable {
    /// The words.
    package let words: String
    /// Where it leads.
    package let link: Link

    /// A link and its words.
    package init(_ words: String, _ link: Link) {
        self.words = words
        self.link = link
    }
}

extension NamedLink {
    /// The link as the main button of a page, or as a lesser one.
    package func button(isPrimary: Bool) -> HTML {
        "<a class=\"button \(isPrimary ? "primary" : "secondary")\"\(href: link)>\(words)</a>"
    }

    /// The link as the main button of a page.
    package var button: HTML { "<p>\(button(isPrimary: true))</p>" }
}
