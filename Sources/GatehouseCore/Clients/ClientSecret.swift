import GatehouseSQL

/// One of the secrets of a confidential client.
///
/// It is random, so its digest is enough to check it; a password hash would only make every token
/// request slow.
package struct ClientSecret: Sendable, Identified {
    package typealias ID = Identifier<ClientSecret>
    package static let identifierPrefix = "sec"

    package let id: ID
    package let digest: SecretDigest
    package let createdAt: Timestamp
    /// When a request last authenticated with it, at most a second behind.
    package let lastUsedAt: Timestamp?

    package init(_ secret: Secret, at now: Timestamp) {
        id = ID(at: now)
        digest = secret.digest
        createdAt = now
        lastUsedAt = nil
    }

    init(_ row: Row) throws {
        id = ID(stored: try row.text("id"))
        digest = SecretDigest(stored: try row.bytes("digest"))
        createdAt = Timestamp(milliseconds: try row.integer("created_at"))
        lastUsedAt = try row.optionalInteger("last_used_at").map(Timestamp.init(milliseconds:))
    }
}
