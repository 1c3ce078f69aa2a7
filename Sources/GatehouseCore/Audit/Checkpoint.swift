import GatehouseEncoding
import GatehouseJOSE

/// How far the chain of a tenant had come at a moment, signed.
///
/// Whoever keeps one elsewhere can tell later whether the events until then are the same.
package struct Checkpoint: Sendable, Hashable {
    package let tenantID: Tenant.ID
    /// The number of the last event, and its hash.
    package let sequence: Int64
    package let hash: ChainHash
    package let signedAt: Timestamp

    init(tenantID: Tenant.ID, sequence: Int64, hash: ChainHash, at now: Timestamp) {
        self.tenantID = tenantID
        self.sequence = sequence
        self.hash = hash
        signedAt = Timestamp(seconds: now.seconds)
    }

    /// Before everything.
    static func beginning(of tenant: Tenant.ID, at now: Timestamp) -> Checkpoint {
        Checkpoint(tenantID: tenant, sequence: 0, hash: .beginning, at: now)
    }

    /// What is signed.
    ///
    /// It has no issuer, subject or audience, so it is none of the tokens that do.
    var payload: [UInt8] {
        JSONWriter.object { json in
            json.add("tenant", tenantID.text)
            json.add("sequence", sequence)
            json.add("hash", hash.text)
            json.add("iat", signedAt.seconds)
        }
    }

    /// Reads a checkpoint that the key signed.
    init(_ token: String, signedBy key: JSONWebKey) throws(JOSEError) {
        try self.init(token, .auditCheckpoint, key)
    }

    /// Reads where a chain ends, as the key signed it.
    init(end token: String, signedBy key: JSONWebKey) throws(JOSEError) {
        try self.init(token, .auditEnd, key)
    }

    private init(_ token: String, _ type: TokenType, _ key: JSONWebKey) throws(JOSEError) {
        guard let checkpoint = Self(try key.payload(of: token, as: type)) else {
            throw .malformed
        }
        self = checkpoint
    }

    /// Reads what a checkpoint says, whoever signed it.
    init?(unverified token: String) {
        // What is wrong with it shows when its signature is looked at.
        guard let jws = try? UnverifiedJWS(parsing: token) else { return nil }
        // The same.
        guard let object = try? JSONObject(parsing: jws.unverifiedPayload) else { return nil }
        self.init(object)
    }

    private init?(_ object: JSONObject) {
        guard let tenant = object["tenant"]?.string, let sequence = object["sequence"]?.integer,
            let hash = object["hash"]?.string.flatMap(ChainHash.init(parsing:)),
            let seconds = object["iat"]?.integer
        else { return nil }
        self.init(
            tenantID: Tenant.ID(stored: tenant), sequence: sequence, hash: hash,
            at: Timestamp(seconds: seconds))
    }
}
