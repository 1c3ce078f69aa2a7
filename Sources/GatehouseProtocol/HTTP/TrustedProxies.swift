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

    private let ranges: [AddressRange]
    private let includesLocalSocket: Bool

    private init(ranges: [AddressRange], includesLocalSocket: Bool) {
        self.ranges = ranges
        self.includesLocalSocket = includesLocalSocket
    }

    /// Parses address ranges; `unix` means whoever connects to a local socket.
    package init(_ entries: [String]) throws(InvalidProxyRange) {
        var ranges: [AddressRange] = []
        var includesLocalSocket = false
        for entry in entries {
            if entry.utf8.elementsEqual("unix".utf8) {
                includesLocalSocket = true
            } else if let range = AddressRange(entry) {
                ranges.append(range)
            } else {
                throw InvalidProxyRange(entry: entry)
            }
        }
        self.init(ranges: ranges, includesLocalSocket: includesLocalSocket)
    }

    /// Whether the address belongs to a trusted proxy; `nil` is a local socket.
    package func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return includesLocalSocket }
        return ranges.contains { $0.contains(address) }
    }
}
