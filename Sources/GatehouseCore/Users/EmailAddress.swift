import GatehouseSQL

/// An e-mail address: as its owner writes it, and a key that every spelling of it shares.
///
/// Only ASCII, so that two addresses that look alike are never taken for one, and one is never
/// taken for two; and only ASCII letters are folded, since Unicode folding maps the Kelvin sign
/// to k.
package struct EmailAddress: Hashable, Sendable {
    /// The address as it was typed, without spaces around it.
    package let text: String
    /// The address in lower case: what is unique in a tenant.
    package let key: String

    /// What stands after the @, in lower case.
    var domain: String {
        String(key[key.index(after: key.lastIndex(of: "@") ?? key.startIndex)...])
    }

    package init?(parsing text: String) {
        let bytes = Array(text.utf8).trimmed
        guard bytes.count <= 254, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else {
            return nil
        }
        let local = bytes[..<at]
        let labels = bytes[(at + 1)...].split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...64).contains(local.count), local.allSatisfy(Self.allowsInLocalPart),
            local.first != UInt8(ascii: "."), local.last != UInt8(ascii: "."),
            !String(decoding: local, as: UTF8.self).contains(".."),
            labels.count >= 2 || bytes[(at + 1)...].elementsEqual("localhost".utf8),
            labels.allSatisfy(Self.isLabel)
        else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
        key = String(decoding: bytes.asciiLowercased, as: UTF8.self)
    }

    private static func allowsInLocalPart(_ byte: UInt8) -> Bool {
        // The dot-atom of RFC 5322 §3.2.3; quoted local parts are a trap for every parser after.
        byte.isASCIILetterOrDigit || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        (1...63).contains(label.count) && label.first != UInt8(ascii: "-")
            && label.last != UInt8(ascii: "-")
            && label.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }
}

/// A name to sign in with that is not an address: ASCII letters, digits, dots, hyphens and
/// underscores.
///
/// It can never look like someone's e-mail address.
package struct Username: Hashable, Sendable {
    package let text: String
    /// The name in lower case: what is unique in a tenant.
    package let key: String

    package init?(parsing text: String) {
        let bytes = Array(text.utf8).trimmed
        guard (2...64).contains(bytes.count), let first = bytes.first, first.isASCIILetterOrDigit,
            bytes.allSatisfy({ $0.isASCIILetterOrDigit || ".-_".utf8.contains($0) })
        else { return nil }
        self.text = String(decoding: bytes, as: UTF8.self)
        key = String(decoding: bytes.asciiLowercased, as: UTF8.self)
    }
}

/// What someone typed to say who they are.
package enum SignInName: Hashable, Sendable {
    case email(EmailAddress)
    case username(Username)

    /// Reads an address or a username; nil if it can be neither.
    package init?(parsing text: String) {
        if let email = EmailAddress(parsing: text) {
            self = .email(email)
        } else if let username = Username(parsing: text) {
            self = .username(username)
        } else {
            return nil
        }
    }
}

extension [UInt8] {
    fileprivate var trimmed: [UInt8] {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let first = firstIndex(where: { !isSpace($0) }),
            let last = lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(self[first...last])
    }

    fileprivate var asciiLowercased: [UInt8] {
        map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}

extension UInt8 {
    fileprivate var isASCIILetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
