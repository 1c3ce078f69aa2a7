import GatehouseEncoding
import GatehouseProtocol

extension Revision {
    /// The revision as an entity tag (RFC 9110 §8.8.3).
    var tag: String { "\"\(text)\"" }

    /// The revisions of a list of entity tags; weak ones are none, and neither is what is no tag.
    static func list(in header: String) -> [Revision] {
        header.split(separator: ",").compactMap { part in
            let tag = part.drop { $0 == " " || $0 == "\t" }
            let text = tag.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
            guard text.count > 2, text.first == "\"", text.last == "\"" else { return nil }
            return Revision(text: String(text.dropFirst().dropLast()))
        }
    }
}

extension Warnings {
    /// The sentences as a header can carry them: a JSON list in ASCII; nil if there are none.
    var headerValue: String? {
        guard !sentences.isEmpty else { return nil }
        let list = JSONValue.array(sentences.map { .string($0) })
        let text = String(decoding: list.serialized(), as: UTF8.self)
        return text.utf16.map { unit in
            if unit < 0x80 { return String(UnicodeScalar(UInt8(unit))) }
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        }.joined()
    }
}

/// A segment of a path, as it was meant.
enum PathSegment {
    /// Undoes the percent-encoding; nil if it is none, or no text.
    static func decoded(_ text: some StringProtocol) -> String? {
        guard let bytes = WireText.percentDecoded(text.utf8), !bytes.contains(0) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
