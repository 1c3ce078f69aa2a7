private import GatehouseEncoding

/// A form that brings files, as browsers send it (RFC 7578).
///
/// It is read as browsers write it, and as nothing else: no text before the first part or behind the
/// last one, no parts in parts, no transfer encoding. What a file is called there is of no account.
package struct MultipartForm: Sendable {
    /// The values in their order; what is in a file stands there in base64.
    package let values: FormParameters

    /// The most parts that a form may have.
    package static let limit = FormParameters.limit
    /// How long the head of a part may be, in bytes.
    private static let longestHead = 2_048

    /// The text between the parts, from a `Content-Type`; nil if it is the type of something else.
    package static func boundary(in contentType: String) -> String? {
        let parts = Array(contentType.utf8).split(
            separator: UInt8(ascii: ";"), maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2,
            WireText.equalIgnoringCase(WireText.trimmed(parts[0]), "multipart/form-data")
        else { return nil }
        var value = WireText.trimmed(parts[1])
        let name = value.prefix("boundary=".utf8.count)
        guard WireText.equalIgnoringCase(name, "boundary=") else { return nil }
        value = value.dropFirst(name.count)
        if value.count > 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
            value = value.dropFirst().dropLast()
        }
        // RFC 2046 §5.1.1, without the space.
        guard (1...70).contains(value.count),
            value.allSatisfy({ WireText.isAlphanumeric($0) || "'()+_,-./:=?".utf8.contains($0) })
        else { return nil }
        return String(decoding: value, as: UTF8.self)
    }

    /// Reads a body.
    package init(
        decoding bytes: [UInt8], boundary: String
    ) throws(FormParameters.Malformed) {
        let delimiter = Array("\r\n--\(boundary)".utf8)
        guard bytes.starts(with: delimiter.dropFirst(2)) else { throw .characters }
        var rest = bytes[(delimiter.count - 2)...]
        var pairs: [(String, String)] = []
        while !rest.starts(with: "--".utf8) {
            guard pairs.count < Self.limit else { throw .tooMany }
            guard rest.starts(with: "\r\n".utf8) else { throw .characters }
            let part = try Part(reading: rest.dropFirst(2), upTo: delimiter)
            pairs.append((part.name, part.value))
            rest = part.rest
        }
        guard rest.elementsEqual("--".utf8) || rest.elementsEqual("--\r\n".utf8) else {
            throw .characters
        }
        values = FormParameters(pairs)
    }

    /// One part, and what follows it.
    private struct Part {
        let name: String
        let value: String
        let rest: ArraySlice<UInt8>

        init(
            reading bytes: ArraySlice<UInt8>, upTo delimiter: [UInt8]
        ) throws(FormParameters.Malformed) {
            let longest = bytes.prefix(MultipartForm.longestHead)
            guard let head = longest.firstRange(of: Array("\r\n\r\n".utf8)),
                let end = bytes[head.upperBound...].firstRange(of: delimiter)
            else { throw .characters }
            let disposition = try Disposition(head: bytes[..<head.lowerBound])
            let content = bytes[head.upperBound..<end.lowerBound]
            name = disposition.name
            value =
                disposition.isFile
                ? Base64.encode(Array(content)) : try MultipartForm.text(content)
            rest = bytes[end.upperBound...]
        }
    }

    /// What the head of a part says of it.
    private struct Disposition {
        private(set) var name = ""
        private(set) var isFile = false

        init(head: ArraySlice<UInt8>) throws(FormParameters.Malformed) {
            var isFound = false
            for line in head.split(separator: UInt8(ascii: "\n")) {
                let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1)
                guard parts.count == 2 else { throw .characters }
                // What a browser believes the file to be is of no account either.
                if WireText.equalIgnoringCase(parts[0], "content-type") { continue }
                guard WireText.equalIgnoringCase(parts[0], "content-disposition"), !isFound else {
                    throw .characters
                }
                isFound = true
                let value = WireText.trimmed(parts[1])
                try read(value.last == UInt8(ascii: "\r") ? value.dropLast() : value)
            }
            guard isFound, !name.isEmpty else { throw .characters }
        }

        /// Reads `form-data; name="a"; filename="b"`, in which quotation marks stand as `%22`.
        private mutating func read(_ value: ArraySlice<UInt8>) throws(FormParameters.Malformed) {
            let pieces = value.split(
                separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
            guard pieces.count == 3 || pieces.count == 5, pieces.last?.isEmpty == true,
                pieces[0].elementsEqual("form-data; name=".utf8)
            else { throw .characters }
            name = try MultipartForm.text(pieces[1])
            guard pieces.count == 5 else { return }
            guard pieces[2].elementsEqual("; filename=".utf8) else { throw .characters }
            isFile = true
        }
    }

    private static func text(
        _ bytes: ArraySlice<UInt8>
    ) throws(FormParameters.Malformed) -> String {
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw .characters
        }
        return text
    }
}
