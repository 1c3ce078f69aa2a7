/// The `Host` of a request (RFC 9110 §7.2), checked to be one name or address and a port.
///
/// Valid is not known: whether it names a tenant is decided where tenants are, and no answer
/// ever builds a URL from it.
package enum HostHeader {
    /// Whether the text is `host` or `host:port`, the host a DNS name, IPv4 or `[IPv6]`.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "[") {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = String(decoding: bytes[1..<end], as: UTF8.self)
            return bytes[1..<end].contains(UInt8(ascii: ":")) && IPAddress(address) != nil
                && isPort(bytes[(end + 1)...])
        }
        let end = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.endIndex
        return isName(bytes[..<end]) && isPort(bytes[end...])
    }

    /// Nothing, or a colon and a port.
    private static func isPort(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let colon = bytes.first else { return true }
        return colon == UInt8(ascii: ":") && WireNumber(bytes.dropFirst(), upTo: 65535) != nil
    }

    /// Labels of letters, digits and inner hyphens, at most 253 bytes (RFC 1123 §2.1).
    private static func isName(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard (1...253).contains(bytes.count) else { return false }
        let hyphen = UInt8(ascii: "-")
        return bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { label in
                (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                    && label.allSatisfy { WireText.isAlphanumeric($0) || $0 == hyphen }
            }
    }
}
