/// The name of somebody in a directory (RFC 5280 §4.1.2.4): what a certificate says whom it is about.
///
/// Two are the same if they have the same attributes in the same order, and attributes are the same
/// if their types are and their values are without regard to case and to how many spaces stand
/// between words (`caseIgnoreMatch`, RFC 4517 §4.2.11). Nothing else of the preparation of RFC 4518
/// is done but composing characters: a value with control characters is none of those that can be
/// written here.
public struct DistinguishedName: Sendable {
    /// One attribute of the name.
    public struct Attribute: Sendable {
        /// The type as a dotted number.
        public let type: String
        /// The value as it stands there.
        public let value: String

        /// Takes an attribute as a certificate has it.
        package init(type: String, value: String) {
            self.type = type
            self.value = value
        }

        /// The value as it is compared; nil if nobody can have written it.
        fileprivate var prepared: String? {
            let hasControl = value.unicodeScalars.contains {
                $0.properties.generalCategory == .control
            }
            guard !hasControl else { return nil }
            let words = value.lowercased().split(separator: " ")
            return words.isEmpty ? nil : words.joined(separator: " ")
        }

        fileprivate func matches(_ other: Attribute) -> Bool {
            guard type.utf8.elementsEqual(other.type.utf8), let one = prepared,
                let another = other.prepared
            else { return false }
            return one == another
        }
    }

    /// The parts of the name, the broadest first; attributes of one part stand together.
    private let parts: [[Attribute]]

    /// Takes a name as a certificate has it.
    package init(_ parts: [[Attribute]]) {
        self.parts = parts
    }

    /// Whether both are the name of the same.
    public func matches(_ other: DistinguishedName) -> Bool {
        guard !parts.isEmpty, parts.count == other.parts.count else { return false }
        return zip(parts, other.parts).allSatisfy { one, another in
            one.count == another.count
                && one.allSatisfy { attribute in another.contains(where: attribute.matches) }
                && another.allSatisfy { attribute in one.contains(where: attribute.matches) }
        }
    }

    /// Reads a name as people write it, the broadest part last (RFC 4514): `CN=app,O=Example,C=DE`.
    ///
    /// Spaces may stand around the separators, as many tools write them. A value as hexadecimal
    /// digits (`#04…`) is not read.
    public init?(parsing text: String) {
        guard text.utf8.count <= 2_048, let parsed = NameReader(text).parts() else { return nil }
        parts = parsed.reversed()
    }
}

/// Reads the parts of a distinguished name in the order in which they are written.
private struct NameReader {
    private let scalars: [Unicode.Scalar]
    private var index = 0

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    private var next: Unicode.Scalar? { index < scalars.count ? scalars[index] : nil }

    func parts() -> [[DistinguishedName.Attribute]]? {
        var reader = self
        var parts: [[DistinguishedName.Attribute]] = [[]]
        while true {
            guard let attribute = reader.attribute() else { return nil }
            parts[parts.count - 1].append(attribute)
            switch reader.next {
            case nil: return parts
            case ","?: parts.append([])
            case "+"?: break
            default: return nil
            }
            reader.index += 1
        }
    }

    private mutating func attribute() -> DistinguishedName.Attribute? {
        skipSpaces()
        var type = ""
        while let scalar = next, scalar != "=" {
            guard scalar.isASCII, type.utf8.count < 64 else { return nil }
            type.unicodeScalars.append(scalar)
            index += 1
        }
        while type.hasSuffix(" ") { type.removeLast() }
        guard next == "=", let number = AttributeTypes.number(type) else { return nil }
        index += 1
        skipSpaces()
        guard let value = value() else { return nil }
        return DistinguishedName.Attribute(type: number, value: value)
    }

    private mutating func skipSpaces() {
        while next == " " { index += 1 }
    }

    /// A value with its escapes resolved, without the spaces at its end; nil if it is empty, or not
    /// well-formed.
    private mutating func value() -> String? {
        guard next != "#" else { return nil }
        var bytes: [UInt8] = []
        var end = 0
        while let scalar = next, scalar != ",", scalar != "+" {
            guard !["\"", ";", "<", ">"].contains(scalar), scalar.value >= 0x20 else { return nil }
            index += 1
            if scalar == "\\" {
                guard let escaped = escaped() else { return nil }
                bytes += escaped
                end = bytes.count
            } else {
                bytes += Array(String(scalar).utf8)
                if scalar != " " { end = bytes.count }
            }
        }
        let value = String(validating: bytes[..<end], as: UTF8.self)
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What follows a backslash: a character that would mean something else, or two hexadecimal
    /// digits (RFC 4514 §3).
    private mutating func escaped() -> [UInt8]? {
        guard let first = next else { return nil }
        index += 1
        if ["\"", "+", ",", ";", "<", ">", " ", "#", "=", "\\"].contains(first) {
            return Array(String(first).utf8)
        }
        guard let high = Self.digit(first), let low = next.flatMap(Self.digit) else { return nil }
        index += 1
        return [high << 4 | low]
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
        UInt8(exactly: scalar.value).flatMap(WireText.hexadecimalDigit)
    }
}

/// The types of attributes that can be written by a word.
private enum AttributeTypes {
    /// Those of RFC 4514 §3, and those that tools write besides.
    private static let words: [(word: String, number: String)] = [
        ("CN", "2.5.4.3"), ("L", "2.5.4.7"), ("ST", "2.5.4.8"), ("O", "2.5.4.10"),
        ("OU", "2.5.4.11"), ("C", "2.5.4.6"), ("STREET", "2.5.4.9"),
        ("DC", "0.9.2342.19200300.100.1.25"), ("UID", "0.9.2342.19200300.100.1.1"),
        ("SN", "2.5.4.4"), ("GN", "2.5.4.42"), ("serialNumber", "2.5.4.5"),
        ("title", "2.5.4.12"), ("businessCategory", "2.5.4.15"), ("postalCode", "2.5.4.17"),
        ("organizationIdentifier", "2.5.4.97"), ("emailAddress", "1.2.840.113549.1.9.1"),
        ("jurisdictionC", "1.3.6.1.4.1.311.60.2.1.3"),
        ("jurisdictionST", "1.3.6.1.4.1.311.60.2.1.2"),
        ("jurisdictionL", "1.3.6.1.4.1.311.60.2.1.1"),
    ]

    /// The number of a type that is written as a word, or as a dotted number already.
    static func number(_ text: String) -> String? {
        if let known = words.first(where: { WireText.equalIgnoringCase($0.word, text) }) {
            return known.number
        }
        let arcs = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isNumber = arcs.allSatisfy { arc in
            !arc.isEmpty && arc.allSatisfy { (0x30...0x39).contains($0) }
                && (arc.count == 1 || arc.first != 0x30)
        }
        return arcs.count > 1 && isNumber ? text : nil
    }
}
