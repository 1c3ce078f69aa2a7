/// An absolute `http` or `https` address, taken apart by bytes and by the strictest reading of
/// RFC 3986: lower-case scheme and host, no user information, no fragment, no dot segment, no
/// backslash, nothing outside ASCII.
///
/// It exists to refuse. An address that two parsers could read differently is not one.
package struct WebAddress: Sendable, Hashable {
    package let scheme: String
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    package let port: Int?
    /// Empty, or beginning with a slash.
    package let path: String
    package let query: String?

    package init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= RedirectURI.limit, bytes.allSatisfy(Self.isAllowed) else { return nil }
        let rest: ArraySlice<UInt8>
        if bytes.starts(with: "https://".utf8) {
            (scheme, rest) = ("https", bytes[8...])
        } else if bytes.starts(with: "http://".utf8) {
            (scheme, rest) = ("http", bytes[7...])
        } else {
            return nil
        }
        let pathStart = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
        let authority = rest[..<(pathStart ?? rest.endIndex)]
        let tail = rest[(pathStart ?? rest.endIndex)...]
        let queryMark = tail.firstIndex(of: UInt8(ascii: "?"))
        let pathBytes = tail[..<(queryMark ?? tail.endIndex)]
        guard let (host, port) = Self.hostAndPort(authority), !Self.hasDotSegment(pathBytes) else {
            return nil
        }
        self.host = host
        self.port = port
        path = String(decoding: pathBytes, as: UTF8.self)
        query = queryMark.map { String(decoding: tail[tail.index(after: $0)...], as: UTF8.self) }
    }

    /// Scheme, host and port, as browsers send it.
    package var origin: String {
        scheme + "://" + host + (port.map { ":\($0)" } ?? "")
    }

    /// The whole address, as it was written.
    package var text: String { origin + path + (query.map { "?\($0)" } ?? "") }

    /// The port that is connected to: the one that is written, or the usual one.
    package var effectivePort: Int { port ?? (scheme == "https" ? 443 : 80) }

    /// True for the loopback interface of the machine that the browser runs on.
    package var isLoopback: Bool {
        host == "localhost" || isLoopbackLiteral
    }

    /// True for `127.0.0.1` and `[::1]`: what RFC 8252 §7.3 lets vary in its port.
    package var isLoopbackLiteral: Bool {
        host == "127.0.0.1" || host == "[::1]"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        // Visible ASCII without what RFC 3986 leaves out, and without the fragment mark.
        byte > 0x20 && byte < 0x7F && !"\"#<>\\^`{|}".utf8.contains(byte)
    }

    private static func hostAndPort(_ authority: ArraySlice<UInt8>) -> (String, Int?)? {
        var host = authority
        var port: Int?
        if let colon = authority.lastIndex(of: UInt8(ascii: ":")),
            authority.last != UInt8(ascii: "]")
        {
            let digits = authority[authority.index(after: colon)...]
            guard (1...5).contains(digits.count), digits.first != UInt8(ascii: "0"),
                digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = Int(String(decoding: digits, as: UTF8.self)), number <= 65_535
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        guard isName(host) || isIPv6Literal(host) else { return nil }
        return (String(decoding: host, as: UTF8.self), port)
    }

    private static func isName(_ host: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(host.count) else { return false }
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in
            (1...63).contains(label.count)
                && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                && label.allSatisfy {
                    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                        || $0 == UInt8(ascii: "-")
                }
        } && !looksLikeNumber(labels)
    }

    /// Numbers in dots are an IPv4 address in its one usual spelling, or nothing.
    private static func looksLikeNumber(_ labels: [ArraySlice<UInt8>]) -> Bool {
        guard let last = labels.last, let first = last.first,
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        let octets = labels.compactMap { label -> Int? in
            let text = String(decoding: label, as: UTF8.self)
            guard let number = Int(text), number <= 255, String(number) == text else { return nil }
            return number
        }
        return octets.count != 4 || labels.count != 4
    }

    private static func isIPv6Literal(_ host: ArraySlice<UInt8>) -> Bool {
        // The only IPv6 address that anyone registers is the loopback one; others have names.
        host.elementsEqual("[::1]".utf8)
    }

    private static func hasDotSegment(_ path: ArraySlice<UInt8>) -> Bool {
        path.split(separator: UInt8(ascii: "/")).contains { segment in
            let text = String(decoding: segment, as: UTF8.self).lowercased()
            return [".", "..", "%2e", "%2e%2e", ".%2e", "%2e."].contains(text)
        }
    }
}
