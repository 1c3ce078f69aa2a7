private import GatehouseEncoding

/// A name in DNS that a tenant can answer at: lower-case labels with dots between, and no address
/// (RFC 1123 §2.1).
public struct HostName: Sendable, Hashable {
    /// The name, without a dot at the end.
    public let text: String

    /// Takes a name in lower case; one in another script is written in its ASCII form (RFC 5890
    /// §2.3.2.1).
    public init?(parsing text: String) {
        guard let address = WebAddress(parsing: "https://" + text), address.host.isExactly(text),
            !Self.isAddress(text)
        else { return nil }
        self.text = text
    }

    /// True for a name of two labels or more: one that somebody can own.
    package var isQualified: Bool { text.utf8.contains(UInt8(ascii: ".")) }

    /// Takes a name from the database, where only names are put.
    package init(stored text: String) {
        self.text = text
    }

    /// The name that a `Host` header says: case means nothing there (RFC 9110 §4.2.3).
    package init?(host: Substring) {
        self.init(parsing: String(decoding: host.utf8.map(WireText.lowercase), as: UTF8.self))
    }

    /// Makes the name of a label below this one.
    package func below(_ label: String) -> HostName? {
        HostName(parsing: label + "." + text)
    }

    /// The one label that stands before `parent`; nil if there are more, or none.
    package func label(below parent: HostName) -> String? {
        let suffix = "." + parent.text
        guard text.utf8.count > suffix.utf8.count, text.hasSuffix(suffix) else { return nil }
        let label = String(text.dropLast(suffix.utf8.count))
        return label.utf8.contains(UInt8(ascii: ".")) ? nil : label
    }

    /// Numbers in dots, or IPv6 in brackets: no top-level domain begins with a digit (RFC 3696 §2).
    private static func isAddress(_ text: String) -> Bool {
        guard let last = text.utf8.split(separator: UInt8(ascii: ".")).last?.first else {
            return true
        }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(last)
            || text.utf8.first == UInt8(ascii: "[")
    }
}
