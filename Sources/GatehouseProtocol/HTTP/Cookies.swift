/// The name of a cookie of Gatehouse: always `__Host-` and a token.
///
/// The prefix makes browsers refuse the cookie unless it is `Secure`, for `/`, and without
/// `Domain`, so that no neighbouring host can plant one (draft-ietf-httpbis-rfc6265bis §4.1.3.2).
package struct CookieName: Sendable, Hashable {
    /// The whole name, prefix included.
    package let text: String

    /// Names a cookie by the literal after `__Host-`.
    package init(_ suffix: StaticString) {
        let suffix = suffix.description
        precondition(WireText.isToken(suffix), "A cookie's name is a token.")
        text = "__Host-" + suffix
    }

    private init(text: String) {
        self.text = text
    }

    /// The name followed by a slug or an identifier, or by what claims to be one; a cookie whose
    /// name is no token is never found.
    package func adding(_ text: String) -> CookieName {
        CookieName(text: self.text + text)
    }
}

/// The cookies of a request, read byte by byte.
package struct Cookies: Sendable {
    /// More cookies than this and all are ignored.
    package static let maximumCount = 64
    /// More bytes of `Cookie` headers than this and all cookies are ignored.
    package static let maximumBytes = 8 * 1024

    private let pairs: [(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)]

    /// Reads the values of `Cookie` headers; too many or too large ones read as none.
    package init(lines: [String]) {
        let lines = lines.map { Array($0.utf8) }
        guard lines.reduce(0, { $0 + $1.count }) <= Self.maximumBytes else {
            pairs = []
            return
        }
        let parts = lines.flatMap { $0.split(separator: UInt8(ascii: ";")) }
        guard parts.count <= Self.maximumCount else {
            pairs = []
            return
        }
        pairs = parts.compactMap { part in
            guard let sign = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            return (WireText.trimmed(part[..<sign]), WireText.trimmed(part[(sign + 1)...]))
        }
    }

    /// The value of the cookie of exactly this name.
    ///
    /// `nil` when it is absent, sent twice (one of the two was planted), or not a value that
    /// ``SetCookie`` could have set.
    package subscript(_ name: CookieName) -> String? {
        let values = pairs.filter { $0.name.elementsEqual(name.text.utf8) }.map(\.value)
        guard values.count == 1, WireText.isToken(values[0]), WireText.isToken(name.text)
        else { return nil }
        return String(decoding: values[0], as: UTF8.self)
    }
}
