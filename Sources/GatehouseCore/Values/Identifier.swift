package import GatehouseSQL

/// What a typed identifier can be of.
package protocol Identified {
    /// What stands before the underscore in the identifier's text form.
    static var identifierPrefix: String { get }
    /// Whether a text that has not the usual form names one of this kind too.
    static func isIdentifier(_ text: String) -> Bool
}

extension Identified {
    package static func isIdentifier(_ text: String) -> Bool { false }
}

/// The identifier of one kind of record: `usr_01jz…`, a prefix and a UUIDv7 (RFC 9562 §5.7) in
/// Crockford's base 32.
///
/// The type tells users from clients at compile time and the prefix tells them apart in a log. It
/// is ASCII by construction, so comparing it compares bytes. It is not a secret.
package struct Identifier<Entity: Identified>: Hashable, Sendable, SQLConvertible {
    package let text: String

    /// Makes a new identifier, ordered by time.
    package init(at now: Timestamp) {
        var bytes = Random.bytes(16)
        for index in 0..<6 {
            let shift = Int64(8 * (5 - index))
            bytes[index] = UInt8(truncatingIfNeeded: now.milliseconds >> shift)
        }
        bytes[6] = 0x70 | (bytes[6] & 0x0F)
        bytes[8] = 0x80 | (bytes[8] & 0x3F)
        text = Entity.identifierPrefix + "_" + Crockford.encode(bytes)
    }

    /// What no identifier of this time or a later one sorts before; it stands for nothing.
    static func first(at moment: Timestamp) -> Self {
        let milliseconds = min(max(moment.milliseconds, 0), 1 << 48 - 1)
        let time = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (8 * (5 - $0))) }
        let bytes = time + [UInt8](repeating: 0, count: 10)
        return Self(stored: Entity.identifierPrefix + "_" + Crockford.encode(bytes))
    }

    /// Reads the text form; nil if it is not one of this kind.
    package init?(parsing text: String) {
        guard Self.isMadeHere(text) || Entity.isIdentifier(text) else { return nil }
        self.text = text
    }

    /// Whether the text has the form of those that are made here.
    private static func isMadeHere(_ text: String) -> Bool {
        let prefix = Entity.identifierPrefix.utf8
        return text.utf8.count == prefix.count + 27 && text.utf8.starts(with: prefix)
            && text.utf8.dropFirst(prefix.count).first == UInt8(ascii: "_")
            && text.utf8.dropFirst(prefix.count + 1).allSatisfy(Crockford.isSymbol)
    }

    /// Takes an identifier from the database, where only identifiers are put.
    package init(stored text: String) {
        self.text = text
    }

    package var sqlValue: SQLValue { .text(text) }
}

private enum Crockford {
    static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// Whether a byte is one of the alphabet.
    static func isSymbol(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    /// 128 bits in 26 characters, the first of which carries three.
    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(26)
        var buffer: UInt32 = 0
        var bits = 2  // 130 bits hold 128: two zeros stand in front
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
