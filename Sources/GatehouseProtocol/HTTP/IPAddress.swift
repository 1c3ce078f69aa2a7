/// An IPv4 or IPv6 address, parsed strictly from its text form.
///
/// IPv4 is held as its IPv4-mapped IPv6 value (RFC 4291 §2.5.5.2), so `127.0.0.1` and
/// `::ffff:127.0.0.1` are one address: a socket that serves both families reports either.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The 128 bits of the address, most significant first.
    package let value: UInt128

    /// Whether the address is an IPv4 one, written either way.
    package var isIPv4: Bool { value >> 32 == 0xFFFF }

    /// Makes an address from its 128 bits.
    package init(value: UInt128) {
        self.value = value
    }

    /// Parses `192.0.2.1` or an RFC 4291 §2.2 form; anything else, zone ids included, is `nil`.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= 45 else { return nil }
        let parsed = bytes.contains(UInt8(ascii: ":")) ? Self.ipv6(bytes) : Self.mapped(bytes[...])
        guard let parsed else { return nil }
        value = parsed
    }

    private static func mapped(_ bytes: ArraySlice<UInt8>) -> UInt128? {
        ipv4(bytes).map { 0xFFFF_0000_0000 | UInt128($0) }
    }

    /// Four decimal octets without leading zeros.
    private static func ipv4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let octets = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard octets.count == 4 else { return nil }
        var address: UInt32 = 0
        for octet in octets {
            guard let number = WireNumber(octet, upTo: 255) else { return nil }
            address = address << 8 | UInt32(number.value)
        }
        return address
    }

    private static func ipv6(_ bytes: [UInt8]) -> UInt128? {
        guard let gap = doubleColon(in: bytes) else {
            guard let groups = groups(bytes[...], mayEndInIPv4: true), groups.count == 8 else {
                return nil
            }
            return join(groups)
        }
        guard let head = groups(bytes[..<gap], mayEndInIPv4: false),
            let tail = groups(bytes[(gap + 2)...], mayEndInIPv4: true),
            head.count + tail.count < 8
        else { return nil }
        return join(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func doubleColon(in bytes: [UInt8]) -> Int? {
        bytes.indices.dropLast().first {
            bytes[$0] == UInt8(ascii: ":") && bytes[$0 + 1] == UInt8(ascii: ":")
        }
    }

    /// The 16-bit groups of one side of an IPv6 address; the last two of the whole address may be
    /// written as IPv4.
    private static func groups(_ bytes: ArraySlice<UInt8>, mayEndInIPv4: Bool) -> [UInt16]? {
        guard !bytes.isEmpty else { return [] }
        let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if mayEndInIPv4, index == parts.count - 1, let last = ipv4(part) {
                groups += [UInt16(last >> 16), UInt16(truncatingIfNeeded: last)]
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for byte in part {
                guard let digit = WireText.hexadecimalDigit(byte) else { return nil }
                group = group << 4 | UInt16(digit)
            }
            groups.append(group)
        }
        return groups
    }

    private static func join(_ groups: [UInt16]) -> UInt128 {
        groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// The canonical text form (RFC 5952), IPv4 in dotted decimals.
    package var description: String {
        if isIPv4 { return Self.dottedDecimals(UInt32(truncatingIfNeeded: value)) }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: value >> UInt128(112 - 16 * $0)) }
        let texts = groups.map { String($0, radix: 16) }
        guard let zeros = Self.longestZeroRun(groups) else { return texts.joined(separator: ":") }
        return texts[..<zeros.lowerBound].joined(separator: ":") + "::"
            + texts[zeros.upperBound...].joined(separator: ":")
    }

    private static func dottedDecimals(_ address: UInt32) -> String {
        var text = ""
        text.reserveCapacity(15)
        for shift in [UInt32(24), 16, 8, 0] {
            text += String(UInt8(truncatingIfNeeded: address >> shift))
            if shift > 0 { text += "." }
        }
        return text
    }

    private static func longestZeroRun(_ groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start: Int?
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 {
                start = start ?? index
            } else if let begin = start {
                if index - begin > max(1, best?.count ?? 0) { best = begin..<index }
                start = nil
            }
        }
        return best
    }
}
