/// Base64 as the JOSE documents write it (RFC 7515 §2): the URL-safe alphabet without padding.
///
/// Reading is canonical: one text for one value. Foundation reads `QQ` and `QR` as the same byte,
/// so a token could be altered without its meaning changing; here only `QQ` is read.
public enum Base64URL {
    static let alphabet = Base64Alphabet(symbol62: UInt8(ascii: "-"), symbol63: UInt8(ascii: "_"))

    /// The text of some bytes.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        alphabet.append(Array(bytes), to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Writes the text of some bytes at the end of a buffer, for paths that build larger texts.
    public static func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        alphabet.append(bytes, to: &text)
    }

    /// The bytes of a text, or nil unless it is the one canonical text of those bytes.
    public static func decode(_ text: String) -> [UInt8]? {
        alphabet.decode(Array(text.utf8)[...])
    }

    /// The bytes of a text that is at hand as bytes.
    public static func decode(_ text: [UInt8]) -> [UInt8]? {
        alphabet.decode(text[...])
    }

    /// The bytes of a text that is a part of a larger one.
    public static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        alphabet.decode(text)
    }
}

/// Base64 as HTTP Basic and PEM write it (RFC 4648 §4): the standard alphabet with padding.
public enum Base64 {
    static let alphabet = Base64Alphabet(symbol62: UInt8(ascii: "+"), symbol63: UInt8(ascii: "/"))
    private static let pad = UInt8(ascii: "=")

    /// The text of some bytes.
    public static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        alphabet.append(Array(bytes), to: &text)
        while !text.count.isMultiple(of: 4) { text.append(pad) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of a text, or nil unless it is padded, canonical and free of anything else.
    public static func decode(_ text: String) -> [UInt8]? {
        var symbols = Array(text.utf8)[...]
        guard symbols.count.isMultiple(of: 4) else { return nil }
        if symbols.last == pad { symbols.removeLast() }
        if symbols.last == pad { symbols.removeLast() }
        return alphabet.decode(symbols)
    }
}

/// One alphabet of 64 symbols, and the arithmetic both kinds of Base64 share.
struct Base64Alphabet: Sendable {
    private let symbols: [UInt8]
    /// The two symbols of each 12 bits, the first in the lower half.
    private let pairs: [UInt16]
    /// What each byte stands for; 64 or more for a byte that is no symbol.
    private let values: [UInt8]

    init(symbol62: UInt8, symbol63: UInt8) {
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let symbols = letters + letters.map { $0 | 0x20 } + digits + [symbol62, symbol63]
        self.symbols = symbols
        pairs = (0..<4_096).map { UInt16(symbols[$0 >> 6]) | UInt16(symbols[$0 & 63]) << 8 }
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, symbol) in symbols.enumerated() { values[Int(symbol)] = UInt8(value) }
        self.values = values
    }

    func append(_ bytes: [UInt8], to text: inout [UInt8]) {
        let groups = bytes.count / 3
        text.append(addingCapacity: groups * 4 + 3) { text in
            appendGroups(of: bytes.span, to: &text)
        }
        let index = groups * 3
        guard index < bytes.count else { return }
        let second = index + 1 < bytes.count ? Int(bytes[index + 1]) : nil
        let group = Int(bytes[index]) << 16 | (second ?? 0) << 8
        text.append(symbols[group >> 18])
        text.append(symbols[group >> 12 & 63])
        if second != nil { text.append(symbols[group >> 6 & 63]) }
    }

    /// Writes four symbols for each three bytes, but for what is left at the end.
    private func appendGroups(of bytes: Span<UInt8>, to text: inout OutputSpan<UInt8>) {
        let pairs = pairs.span
        for number in 0..<bytes.count / 3 {
            let from = number * 3
            let group = Int(bytes[from]) << 16 | Int(bytes[from + 1]) << 8 | Int(bytes[from + 2])
            let (first, second) = (pairs[group >> 12], pairs[group & 0xFFF])
            text.append(UInt8(truncatingIfNeeded: first))
            text.append(UInt8(truncatingIfNeeded: first >> 8))
            text.append(UInt8(truncatingIfNeeded: second))
            text.append(UInt8(truncatingIfNeeded: second >> 8))
        }
    }

    /// The bytes of unpadded text; the bits that no byte uses must be zero (RFC 4648 §3.5).
    func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        let values = values
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 2)
        var group: UInt32 = 0
        var unused: UInt32 = 0
        for symbol in text {
            let value = values[Int(symbol)]
            guard value < 64 else { return nil }
            group = group << 6 | UInt32(value)
            unused += 6
            if unused >= 8 {
                unused -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> unused))
            }
        }
        guard group & (1 << unused - 1) == 0 else { return nil }
        return bytes
    }
}
