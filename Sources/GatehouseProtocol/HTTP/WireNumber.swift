/// A plain decimal number as protocols write it: ASCII digits, no sign, no leading zero.
///
/// `Int("+5")` is 5 in Swift; on the wire it is an attack (attacks.md GH-451).
package struct WireNumber {
    /// The number, not negative.
    package let value: Int

    /// Parses the digits; anything else, and anything above the limit, is `nil`.
    package init?(_ text: String, upTo limit: Int) {
        self.init(text.utf8.span, upTo: limit)
    }

    /// Parses the digits; anything else, and anything above the limit, is `nil`.
    package init?(_ bytes: ArraySlice<UInt8>, upTo limit: Int) {
        self.init(bytes.span, upTo: limit)
    }

    private init?(_ bytes: Span<UInt8>, upTo limit: Int) {
        guard !bytes.isEmpty, bytes.count <= 18 else { return nil }
        guard bytes[0] != UInt8(ascii: "0") || bytes.count == 1 else { return nil }
        var value = 0
        for index in bytes.indices {
            let byte = bytes[index]
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        guard value <= limit else { return nil }
        self.value = value
    }
}
