/// Markup that is safe to send to a browser.
///
/// Only a literal in the source can become markup; everything interpolated into it is escaped,
/// byte by byte, for text and for double-quoted attribute values. A `String` from a request has
/// no way to become `HTML`.
package struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// The markup as it is sent.
    package private(set) var utf8: [UInt8]

    /// Markup that stands in the source.
    package init(stringLiteral value: StaticString) {
        utf8 = value.withUTF8Buffer { unsafe Array($0) }
    }

    /// Markup that stands in the source, with values in it.
    package init(stringInterpolation: StringInterpolation) { utf8 = stringInterpolation.utf8 }

    /// The pieces of markup one after the other, with one piece between them.
    package init(_ pieces: [HTML], separator: HTML = "") {
        utf8 = []
        utf8.reserveCapacity(pieces.reduce(0) { $0 + $1.utf8.count + separator.utf8.count })
        for (index, piece) in pieces.enumerated() {
            if index > 0 { utf8 += separator.utf8 }
            utf8 += piece.utf8
        }
    }

    /// The markup as a string, for tests and for tools.
    package var string: String { String(decoding: utf8, as: UTF8.self) }

    /// The same where nothing takes the focus by itself: for a frame that only shows how a page looks.
    ///
    /// It takes a whole word away and adds nothing, so what is safe stays so.
    package var withoutFocus: HTML {
        var html = self
        html.utf8 = Array(string.replacing(" autofocus", with: "").utf8)
        return html
    }

    /// Adds markup behind this.
    package static func += (html: inout HTML, more: HTML) { html.utf8 += more.utf8 }
}

extension HTML {
    /// Takes the literal pieces as they are and escapes the values between them.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var utf8: [UInt8] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            utf8.reserveCapacity(literalCapacity + interpolationCount * 48)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { unsafe utf8.append(contentsOf: $0) }
        }

        /// Text, or the inside of a double-quoted attribute value.
        package mutating func appendInterpolation(_ text: String) {
            assert(acceptsText, "text goes between tags or between double quotes, not in a link")
            escape(text.utf8)
        }

        /// Text, or the inside of a double-quoted attribute value.
        package mutating func appendInterpolation(_ text: Substring) {
            assert(acceptsText, "text goes between tags or between double quotes, not in a link")
            escape(text.utf8)
        }

        /// A number.
        package mutating func appendInterpolation(_ number: Int) {
            utf8.append(contentsOf: String(number).utf8)
        }

        /// Markup made elsewhere.
        package mutating func appendInterpolation(_ html: HTML) { utf8 += html.utf8 }

        /// Markup made elsewhere, or nothing.
        package mutating func appendInterpolation(_ html: HTML?) {
            if let html { utf8 += html.utf8 }
        }

        /// Pieces of markup, one after the other.
        package mutating func appendInterpolation(_ html: [HTML]) {
            for piece in html { utf8 += piece.utf8 }
        }

        /// A whole attribute with the space before it: ` name="value"`, or nothing without a value.
        package mutating func appendInterpolation(attribute name: StaticString, _ value: String?) {
            guard let value else { return }
            appendLiteral(" ")
            appendLiteral(name)
            appendLiteral("=\"")
            escape(value.utf8)
            appendLiteral("\"")
        }

        /// An attribute that is there or is not, with the space before it.
        package mutating func appendInterpolation(attribute name: StaticString, _ isSet: Bool) {
            guard isSet else { return }
            appendLiteral(" ")
            appendLiteral(name)
        }

        /// A whole `href` attribute with the space before it.
        package mutating func appendInterpolation(href link: Link) {
            appendInterpolation(attribute: "href", link.target)
        }

        /// A whole `src` attribute with the space before it.
        package mutating func appendInterpolation(src link: Link) {
            appendInterpolation(attribute: "src", link.target)
        }

        /// A whole `srcset` attribute of one image, with the space before it.
        package mutating func appendInterpolation(srcset link: Link) {
            appendInterpolation(attribute: "srcset", link.target)
        }

        /// A whole `action` attribute with the space before it.
        package mutating func appendInterpolation(action link: Link) {
            appendInterpolation(attribute: "action", link.target)
        }
    }
}

extension HTML.StringInterpolation {
    private mutating func escape(_ text: some Collection<UInt8>) {
        guard text.contains(where: HTML.needsEscape) else {
            utf8.append(contentsOf: text)
            return
        }
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): appendLiteral("&amp;")
            case UInt8(ascii: "<"): appendLiteral("&lt;")
            case UInt8(ascii: ">"): appendLiteral("&gt;")
            case UInt8(ascii: "\""): appendLiteral("&quot;")
            case UInt8(ascii: "'"): appendLiteral("&#39;")
            case _ where HTML.needsEscape(byte): appendLiteral("\u{FFFD}")
            default: utf8.append(byte)
            }
        }
    }

    /// Whether the markup so far ends where text may follow; asked in debug builds only.
    private var acceptsText: Bool {
        for attribute in ["href=\"", "action=\"", "src=\""] where utf8.hasSuffix(attribute) {
            return false
        }
        var quotes = 0
        for byte in utf8.reversed() {
            switch byte {
            case UInt8(ascii: ">"): return true
            case UInt8(ascii: "<"): return quotes % 2 == 1
            case UInt8(ascii: "\""): quotes += 1
            default: continue
            }
        }
        return true
    }
}

extension HTML {
    /// Whether a byte cannot stand for itself: the five characters of markup, and the control
    /// characters that HTML forbids.
    fileprivate static func needsEscape(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
            UInt8(ascii: "'"), 0x00...0x08, 0x0B, 0x0C, 0x0E...0x1F, 0x7F:
            true
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate func hasSuffix(_ text: String) -> Bool {
        suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
