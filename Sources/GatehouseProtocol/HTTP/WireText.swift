/// Byte-wise reading of protocol text.
///
/// `String ==` compares canonical equivalents and a `Character` may span CR LF, so whatever
/// decides about a request looks at bytes (lessons.md §0.5).
package enum WireText {
    /// Whether two ASCII texts are equal when the case of letters does not count.
    @inlinable
    package static func equalIgnoringCase(
        _ left: some Collection<UInt8>, _ right: some Collection<UInt8>
    ) -> Bool {
        left.elementsEqual(right) { lowercase($0) == lowercase($1) }
    }

    /// The lower-case form of an ASCII letter; any other byte unchanged.
    @inlinable
    package static func lowercase(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// The bytes without the spaces and tabs around them (OWS, RFC 9110 §5.6.3).
    package static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        bytes.drop(while: isBlank).reversed().drop(while: isBlank).reversed()[...]
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }

    /// Whether the byte is an ASCII letter or digit.
    @inlinable
    package static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercase(byte))
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    /// Whether the bytes are a `token` (RFC 9110 §5.6.2).
    @inlinable
    package static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(isTokenByte)
    }

    /// Whether a `token` may hold the byte.
    @inlinable
    package static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"),
            UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        // The caret, the underscore and the backtick lie between and before the letters.
        case UInt8(ascii: "^")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
