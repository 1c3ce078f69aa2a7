/// Where the relay of an installation is: `smtps://user@host:port`, or `smtp://host:port`.
///
/// A letter has a secret in it, so it travels in TLS: from the beginning (RFC 8314 §3.3), or after
/// STARTTLS, without which nothing is sent. The one exception is a relay on this very machine.
package struct MailServer: Sendable, Hashable {
    package let host: String
    package let port: Int
    /// By what name this installation signs in there; nil if it does not.
    package let user: String?
    let security: Security

    /// How what is said is kept from others.
    enum Security: Sendable, Hashable { case tls, startTLS, none }

    package init?(parsing text: String) {
        let isSecure = text.hasPrefix("smtps://")
        guard isSecure || text.hasPrefix("smtp://") else { return nil }
        let rest = text.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        let at = rest.lastIndex(of: UInt8(ascii: "@"))
        let user = at.map { String(decoding: rest[..<$0], as: UTF8.self) }
        let place = at.map { rest[rest.index(after: $0)...] } ?? rest
        guard let (host, port) = Self.place(place, standard: isSecure ? 465 : 587),
            user.map(Self.isUser) ?? true
        else { return nil }
        self.host = host
        self.port = port
        self.user = user
        let isHere = ["localhost", "127.0.0.1", "::1"].contains(host)
        security = isSecure ? .tls : isHere ? .none : .startTLS
    }

    /// A host, and a port if one is written.
    private static func place(_ bytes: Substring.UTF8View, standard: Int) -> (String, Int)? {
        var host = bytes
        var rest = bytes.dropFirst(bytes.count)
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = bytes[bytes.index(after: bytes.startIndex)..<end]
            rest = bytes[bytes.index(after: end)...]
            guard host.contains(UInt8(ascii: ":")), host.allSatisfy(isOfAddress) else { return nil }
        } else if let colon = bytes.firstIndex(of: UInt8(ascii: ":")) {
            host = bytes[..<colon]
            rest = bytes[colon...]
            guard host.allSatisfy(isOfName) else { return nil }
        } else {
            guard host.allSatisfy(isOfName) else { return nil }
        }
        guard (1...253).contains(host.count) else { return nil }
        let name = String(decoding: host, as: UTF8.self)
        guard !rest.isEmpty else { return (name, standard) }
        let digits = rest.dropFirst()
        guard rest.first == UInt8(ascii: ":"), (1...5).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65_535).contains(port)
        else { return nil }
        return (name, port)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isOfAddress(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    private static func isUser(_ user: String) -> Bool {
        (1...254).contains(user.utf8.count) && user.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            && !user.utf8.contains(UInt8(ascii: "/"))
    }
}
