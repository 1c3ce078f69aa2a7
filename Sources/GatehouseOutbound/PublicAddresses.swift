package import GatehouseProtocol

/// Which addresses the server may connect to: public ones, and those that the operator named.
///
/// What is not surely public is refused. Of IPv6 only what is routed as global unicast can be public
/// (RFC 4291 §2.5.4), less the parts that lead somewhere else, such as into IPv4: a packet to 6to4,
/// Teredo or NAT64 may come out in a private network.
package struct PublicAddresses: Sendable {
    private let allowed: [AddressRange]

    /// Public addresses, and these ranges besides.
    package init(and allowed: [AddressRange] = []) {
        self.allowed = allowed
    }

    /// Whether the address may be connected to.
    package func contains(_ address: IPAddress) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        guard address.isIPv4 || Self.globalUnicast.contains(where: { $0.contains(address) }),
            !Self.hidesIPv4(address)
        else { return false }
        return !Self.special.contains { $0.contains(address) }
    }

    private static let globalUnicast = ranges(["2000::/3"])

    /// What is not public of the rest (RFC 6890 and the registries of IANA that go back to it).
    static let special = ranges(specialTexts)

    static let specialTexts = [
        // This network; private; shared by carriers; loopback; link-local, and metadata with it.
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.168.0.0/16",
        // Protocol assignments; documentation; the old relay of 6to4; benchmarks.
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24",
        // A public address that one cloud answers from inside each machine.
        "168.63.129.16",
        // Multicast; reserved, and broadcast with it.
        "224.0.0.0/4", "240.0.0.0/4",
        // Protocol assignments, Teredo among them; documentation; 6to4.
        "2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16",
    ]

    /// An interface identifier of ISATAP, which carries an IPv4 address (RFC 5214 §6.1).
    private static func hidesIPv4(_ address: IPAddress) -> Bool {
        let marker = UInt32(truncatingIfNeeded: address.value >> 32)
        return !address.isIPv4 && (marker == 0x0000_5EFE || marker == 0x0200_5EFE)
    }

    private static func ranges(_ texts: [String]) -> [AddressRange] {
        texts.compactMap(AddressRange.init)
    }
}
