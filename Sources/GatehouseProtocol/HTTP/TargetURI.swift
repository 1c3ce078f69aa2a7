/// The address of a request (RFC 9110 §7.1) in its one normal form, without query and fragment: two
/// addresses are the same if these texts are.
///
/// RFC 9449 §4.3 asks for the normalisation of RFC 3986 §6.2.2 and §6.2.3: case of scheme and host,
/// percent-encoding, dot segments, default port, empty path. What it does not bring together is
/// different. An address with user information, or one that is none, is refused.
package struct TargetURI: Sendable, Hashable {
    package let text: String

    /// The most bytes that an address may have.
    package static let limit = 2_048

    package init?(normalizing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.limit, bytes.allSatisfy(Self.isAllowed) else { return nil }
        let address = bytes.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }
        guard let colon = address.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = String(
            decoding: address[..<colon].map(WireText.lowercase), as: UTF8.self)
        let rest = address[(colon + 1)...]
        guard let defaultPort = ["https": "443", "http": "80"][scheme],
            rest.starts(with: "//".utf8)
        else { return nil }
        let pathStart = rest.dropFirst(2).firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
        guard
            let authority = Self.authority(
                rest[(rest.startIndex + 2)..<pathStart], defaultPort: defaultPort),
            let path = Self.decodingUnreserved(rest[pathStart...])
        else { return nil }
        self.text = scheme + "://" + authority + Self.removingDotSegments(path)
    }

    /// The address of a path at the host of an issuer.
    ///
    /// The scheme and the host are those that the installation is known by, whatever the request
    /// itself says of them.
    package init?(of issuer: Issuer, path: String) {
        let slashes = issuer.text.utf8.indices.filter { issuer.text.utf8[$0] == UInt8(ascii: "/") }
        let end = slashes.count > 2 ? slashes[2] : issuer.text.utf8.endIndex
        self.init(normalizing: String(issuer.text[..<end]) + path)
    }

    private static let forbidden = Array("\"<>\\^`{|}".utf8)

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !forbidden.contains(byte)
    }

    /// Host and port in lower case, without a port that goes without saying.
    private static func authority(
        _ bytes: ArraySlice<UInt8>, defaultPort: String
    ) -> String? {
        guard !bytes.contains(UInt8(ascii: "@")) else { return nil }
        var (host, port) = (bytes, ArraySlice<UInt8>())
        if let colon = bytes.lastIndex(of: UInt8(ascii: ":")), bytes.last != UInt8(ascii: "]") {
            (host, port) = (bytes[..<colon], bytes[(colon + 1)...])
        }
        guard let name = decodingUnreserved(host), !name.isEmpty,
            port.isEmpty || WireNumber(port, upTo: 65_535) != nil
        else { return nil }
        let lowercase = String(decoding: name.map(WireText.lowercase), as: UTF8.self)
        let isDefault = port.isEmpty || port.elementsEqual(defaultPort.utf8)
        return lowercase + (isDefault ? "" : ":" + String(decoding: port, as: UTF8.self))
    }

    /// The same text with unreserved characters as themselves and others encoded in capitals; nil
    /// if a `%` is not followed by two hexadecimal digits.
    private static func decodingUnreserved(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard bytes.contains(UInt8(ascii: "%")) else { return Array(bytes) }
        var (decoded, rest) = ([UInt8](), bytes)
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexadecimal),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            rest = rest.dropFirst(2)
            if WireText.isAlphanumeric(value) || "-._~".utf8.contains(value) {
                decoded.append(value)
            } else {
                let capitals = String(decoding: digits, as: UTF8.self).uppercased()
                decoded += Array("%\(capitals)".utf8)
            }
        }
        return decoded
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(WireText.lowercase(byte))
    }

    /// The path without `.` and `..` (RFC 3986 §5.2.4); never empty.
    private static func removingDotSegments(_ path: [UInt8]) -> String {
        let segments = path.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false
        ).dropFirst().map { String(decoding: $0, as: UTF8.self) }
        var kept: [String] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/")
    }
}
