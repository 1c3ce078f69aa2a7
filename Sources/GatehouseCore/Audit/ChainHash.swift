private import Crypto
private import GatehouseEncoding
package import GatehouseSQL

/// What ties an event to everything before it: a SHA-256 digest.
package struct ChainHash: Sendable, Hashable, SQLConvertible {
    /// What a digest is of.
    ///
    /// It is the first line of what is hashed, so that nothing has the digest of something else.
    enum Purpose: String {
        case event = "gatehouse-audit-event-1\n"
        case header = "gatehouse-audit-header-1\n"
    }

    private static let length = 32

    let bytes: [UInt8]

    /// What stands before the first event of a tenant.
    package static let beginning = ChainHash(stored: [UInt8](repeating: 0, count: length))

    /// The digest of some text.
    init(of text: [UInt8], as purpose: Purpose) {
        var hash = SHA256()
        hash.update(data: Array(purpose.rawValue.utf8))
        hash.update(data: text)
        bytes = Array(hash.finalize())
    }

    /// Takes what the database has, whatever became of it there.
    init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads the text form; nil if it is no digest.
    package init?(parsing text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// False for what the database has in the place of a digest.
    var isWhole: Bool { bytes.count == Self.length }

    /// In base64url.
    package var text: String { Base64URL.encode(bytes) }
    package var sqlValue: SQLValue { .bytes(bytes) }
}
