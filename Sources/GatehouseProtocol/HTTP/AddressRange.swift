/// A range of addresses, parsed strictly from CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3).
///
/// An address alone means itself. Bits set behind the prefix are refused: `10.0.0.1/8` is more often
/// a mistake than a wish.
package struct AddressRange: Sendable, Hashable {
    private let network: UInt128
    private let mask: UInt128

    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(Substring(parts[0])) else { return nil }
        network = address.value
        guard parts.count == 2 else {
            mask = .max
            return
        }
        let width = parts[0].contains(UInt8(ascii: ":")) ? 128 : 32
        guard let prefix = WireNumber(String(Substring(parts[1])), upTo: width) else { return nil }
        let hostBits = UInt128(width - prefix.value)
        mask = hostBits == 128 ? 0 : UInt128.max << hostBits
        guard network & mask == network else { return nil }
    }

    /// Whether the address lies in the range.
    package func contains(_ address: IPAddress) -> Bool {
        address.value & mask == network
    }
}
