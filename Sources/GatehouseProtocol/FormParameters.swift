private import GatehouseEncoding

/// The parameters of a request, decoded exactly once from `application/x-www-form-urlencoded`
/// bytes (RFC 6749 Appendix B).
///
/// Names and values are compared as bytes. A parameter without a value counts as absent
/// (RFC 6749 §3.1), but still as present when repetition is judged: what one reader sees twice,
/// no other must see once.
public struct FormParameters: Sendable {
    /// What made the bytes unreadable as a form.
    public enum Malformed: Error, Sendable {
        /// A `%` is not followed by two hexadecimal digits.
        case percentEncoding
        /// The decoded bytes are not UTF-8, or hold a NUL.
        case characters
        /// There are more parameters than any honest request has.
        case tooMany
    }

    /// The most parameters that a request may have.
    public static let limit = 100

    /// The parameters in their order.
    public private(set) var pairs: [(name: String, value: String)] = []

    /// Makes parameters of pairs that are decoded already.
    public init(_ pairs: [(String, String)]) {
        self.pairs = pairs.map { (name: $0.0, value: $0.1) }
    }

    /// Decodes a query or a form body.
    public init(decoding bytes: some Sequence<UInt8>) throws(Malformed) {
        for part in Array(bytes).split(separator: UInt8(ascii: "&")) {
            guard pairs.count < Self.limit else { throw .tooMany }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            let value = equals < part.endIndex ? part[part.index(after: equals)...] : []
            pairs.append((try Self.decode(part[..<equals]), try Self.decode(value)))
        }
    }

    /// The value of a parameter, or nil if it is absent, empty or repeated.
    public subscript(name: ParameterName) -> String? {
        var found: String?
        for pair in pairs where Self.same(pair.name, name) {
            guard found == nil else { return nil }
            found = pair.value
        }
        return found.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// True if the parameter stands there more than once.
    public func isRepeated(_ name: ParameterName) -> Bool {
        pairs.count { Self.same($0.name, name) } > 1
    }

    /// True if the parameter stands there, with a value or without.
    public func contains(_ name: ParameterName) -> Bool {
        pairs.contains { Self.same($0.name, name) }
    }

    /// The values of a parameter that may stand there more than once, without empty ones.
    public func values(of name: ParameterName) -> [String] {
        pairs.filter { Self.same($0.name, name) && !$0.value.isEmpty }.map(\.value)
    }

    /// True if any parameter stands there more than once (RFC 6749 §3.1).
    public var hasRepetition: Bool { hasRepetition(besides: []) }

    /// True if any parameter stands there more than once, other than those that may.
    public func hasRepetition(besides repeatable: [ParameterName]) -> Bool {
        for (index, pair) in pairs.enumerated() {
            if repeatable.contains(where: { Self.same(pair.name, $0) }) { continue }
            for other in pairs[..<index] where other.name.utf8.elementsEqual(pair.name.utf8) {
                return true
            }
        }
        return false
    }

    /// The value of a parameter that the request cannot do without.
    public func require(_ name: ParameterName) throws(OAuthError) -> String {
        guard let value = self[name] else {
            throw OAuthError(.invalidRequest, "A required parameter is missing.")
        }
        return value
    }

    /// The same parameters and one more.
    package func adding(_ name: ParameterName, _ value: String) -> FormParameters {
        var form = self
        form.pairs.append((name.text.description, value))
        return form
    }

    /// The same parameters with one of them set, in whatever way it stood there before.
    package func setting(_ name: ParameterName, _ value: String) -> FormParameters {
        var form = self
        form.pairs.removeAll { Self.same($0.name, name) }
        return form.adding(name, value)
    }

    /// The parameters as a query, each name and value percent-encoded.
    package var encoded: String {
        pairs.map { $0.name.queryEncoded + "=" + $0.value.queryEncoded }.joined(separator: "&")
    }

    private static func same(_ text: String, _ name: ParameterName) -> Bool {
        guard text.utf8.count == name.text.utf8CodeUnitCount else { return false }
        var text = text
        return text.withUTF8 { mine in
            name.text.withUTF8Buffer { unsafe mine.elementsEqual($0) }
        }
    }

    /// The text of one name or value.
    static func decode(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard bytes.contains(where: isEncoded) else { return try text(bytes) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "+"):
                decoded.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.endIndex,
                    let high = WireText.hexadecimalDigit(bytes[index + 1]),
                    let low = WireText.hexadecimalDigit(bytes[index + 2])
                else { throw .percentEncoding }
                decoded.append(high << 4 | low)
                index += 2
            case let byte:
                decoded.append(byte)
            }
            index += 1
        }
        return try text(decoded[...])
    }

    private static func isEncoded(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+")
    }

    private static func text(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> String {
        guard !bytes.contains(0), let text = String(utf8: bytes) else {
            throw .characters
        }
        return text
    }
}

extension String {
    /// The text as a query component, or a segment of a path: everything but unreserved characters percent-encoded
    /// (RFC 3986 §2.3).
    package var queryEncoded: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(utf8.count)
        for byte in utf8 {
            if WireText.isAlphanumeric(byte) || byte == UInt8(ascii: "-")
                || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "~")
            {
                encoded.append(byte)
            } else {
                encoded.append(UInt8(ascii: "%"))
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
