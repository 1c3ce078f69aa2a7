/// Where a request came from, as far as one person or one attacker can choose it: an IPv4 address,
/// or the 64 bits of an IPv6 address that name a network (RFC 4291 §2.5.4).
package struct Network: Sendable, Hashable {
    /// What it is counted by.
    package let text: String

    /// Reads the canonical text form of an address (RFC 5952).
    ///
    /// All those whose address nobody knows, such as callers by a local socket, are one network.
    package init(of address: String?) {
        guard let address else {
            text = "unknown"
            return
        }
        let bytes = Array(address.utf8)
        guard bytes.contains(UInt8(ascii: ":")) else {
            text = address
            return
        }
        text = Self.groups(of: bytes).prefix(4).joined(separator: ":")
    }

    /// The eight groups, with the zeros that `::` stands for.
    private static func groups(of bytes: [UInt8]) -> [String] {
        let groups = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let gap = groups.dropFirst().firstIndex(where: \.isEmpty) else { return groups }
        let head = groups[..<gap].filter { !$0.isEmpty }
        let tail = groups[gap...].filter { !$0.isEmpty }
        let zeros = Array(repeating: "0", count: max(0, 8 - head.count - tail.count))
        return head + zeros + tail
    }
}
