private import GatehouseProtocol

/// The address of a document by which a client makes itself known, and at once the client's
/// identifier (draft-ietf-oauth-client-id-metadata-document §3).
package struct MetadataDocumentAddress: Sendable, Hashable {
    package let address: OutboundAddress

    /// The most bytes of one: it stands in rows and tokens.
    package static let limit = 500

    /// Reads an `https` address with a path, and with nothing that two parsers could read
    /// differently; nil for any other text.
    ///
    /// A query is refused: with one, a single document would have as many names as one likes.
    package init?(parsing text: String) {
        // First what tells nearly every identifier from an address.
        guard text.utf8.starts(with: "https://".utf8), text.utf8.count <= Self.limit,
            let parts = WebAddress(parsing: text),
            parts.query == nil, parts.path.utf8.first == UInt8(ascii: "/"),
            let address = OutboundAddress(parsing: text)
        else { return nil }
        self.address = address
    }

    package var text: String { address.text }
    package var host: String { address.host }
}

extension Client {
    package static func isIdentifier(_ text: String) -> Bool {
        MetadataDocumentAddress(parsing: text) != nil
    }
}
