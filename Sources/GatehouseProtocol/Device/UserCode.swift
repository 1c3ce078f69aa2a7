/// The short code that a device shows and a person types elsewhere (RFC 8628 §6.1).
///
/// Eight letters of an alphabet without vowels, so that no word comes of them, and without digits,
/// so that nothing looks like something else. Shown as two halves with a hyphen between them.
public struct UserCode: Sendable, Hashable {
    /// The eight letters, in capitals.
    package let text: String

    /// The letters that a code is made of (RFC 8628 §6.1).
    package static let alphabet = Array("BCDFGHJKLMNPQRSTVWXZ".utf8)
    /// How many letters a code has.
    package static let length = 8
    /// The most bytes that a person may type.
    private static let limit = 64

    /// Makes a code of numbers that were drawn at random, each below the size of the alphabet.
    ///
    /// Nil if they are not as many as a code has letters, or one is too large.
    package init?(drawn numbers: [Int]) {
        guard numbers.count == Self.length, numbers.allSatisfy(Self.alphabet.indices.contains)
        else { return nil }
        text = String(decoding: numbers.map { Self.alphabet[$0] }, as: UTF8.self)
    }

    /// Reads what a person typed: small letters are capitals, hyphens and spaces are nothing.
    ///
    /// ASCII and no more: whatever else looks alike is another character.
    public init?(parsing typed: String) {
        guard typed.utf8.count <= Self.limit else { return nil }
        var letters: [UInt8] = []
        for byte in typed.utf8 {
            switch byte {
            case UInt8(ascii: "-"), UInt8(ascii: " "): continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"): letters.append(byte - 0x20)
            default: letters.append(byte)
            }
        }
        guard letters.count == Self.length, letters.allSatisfy(Self.alphabet.contains) else {
            return nil
        }
        text = String(decoding: letters, as: UTF8.self)
    }

    /// The code as it is shown: `WDJB-MJHT`.
    public var shown: String {
        "\(text.prefix(Self.length / 2))-\(text.suffix(Self.length / 2))"
    }
}
