/// An entry of the trusted-proxy list that is not an address range.
package struct InvalidProxyRange: Error, Hashable, Sendable, CustomStringConvertible {
    /// The entry as it was written.
    package let entry: String

    /// One sentence that says which entry is wrong and what a right one looks like.
    package var description: String {
        "\"\(entry)\" is not a trusted proxy: write an address range such as 10.0.0.0/8, "
            + "fd00::/8 or 192.0.2.7, or unix for a proxy on a local socket."
    }
}

/// The proxies whose word about a request is taken.
///
/// Without any, every `X-Forwarded-*` header is ignored: anyone can send one.
package struct TrustedProxies: Sendable, Hashable {
    /// No proxy is trusted.
    package static let none = Self(ranges: [], includesLocalSocket: false)

    private let ranges: [Range]
    private let includesLocalSocket: Bool

    private struct Range: Hashable {
        let network: UInt128
        let mask: UInt128
    }

    private init(ranges: [Range], includesLocalSocket: Bool) {
        self.ranges = ranges
        self.includesLocalSocket = includesLocalSocket
    }

    /// Parses address ranges in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
    ///
    /// An address alone means itself; `unix` means whoever connects to a local socket. Bits
    /// set behind the prefix are refused: `10.0.0.1/8` is more often a mistake than a wish.
    package init(_ entries: [String]) throws(InvalidProxyRange) {
        var ranges: [Range] = []
        var includesLocalSocket = false
        for entry in entries {
            if entry.utf8.elementsEqual("unix".utf8) {
                includesLocalSocket = true
            } else if let range = Self.range(entry) {
                ranges.append(range)
            } else {
                throw InvalidProxyRange(entry: entry)
            }
        }
        self.init(ranges: ranges, includesLocalSocket: includesLocalSocket)
    }

    private static func range(_ entry: String) -> Range? {
        let parts = entry.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(Substring(parts[0])) else { return nil }
        let isWrittenAsIPv4 = !parts[0].contains(UInt8(ascii: ":"))
        let width = isWrittenAsIPv4 ? 32 : 128
        guard parts.count == 2 else { return Range(network: address.value, mask: .max) }
        guard let prefix = WireNumber(String(Substring(parts[1])), upTo: width) else { return nil }
        let hostBits = UInt128(width - prefix.value)
        let mask = hostBits == 128 ? 0 : UInt128.max << hostBits
        guard address.value & mask == address.value else { return nil }
        return Range(network: address.value, mask: mask)
    }

    /// Whether the address belongs to a trusted proxy; `nil` is a local socket.
    package func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return includesLocalSocket }
        return ranges.contains { address.value & $0.mask == $0.network }
    }
}
