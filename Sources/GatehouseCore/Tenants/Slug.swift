package import GatehouseSQL

/// The part of an address that names a tenant: lower-case letters, digits and hyphens, as in a
/// DNS label (RFC 1123 §2.1).
package struct Slug: Hashable, Sendable, SQLConvertible {
    package let text: String

    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.last != UInt8(ascii: "-"), !bytes.starts(with: "xn--".utf8),
            bytes.allSatisfy({
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            })
        else { return nil }
        self.text = text
    }

    init(stored text: String) {
        self.text = text
    }

    package var sqlValue: SQLValue { .text(text) }
}

extension Slug: ExpressibleByStringLiteral {
    /// A slug that stands in the source.
    package init(stringLiteral literal: StaticString) {
        text = literal.description
    }
}
