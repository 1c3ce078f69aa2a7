import GatehouseEncoding
package import GatehouseJOSE

/// The key that signs what the audit trails of an installation say: Ed25519, for as long as the
/// installation lives.
///
/// It is no key of a tenant: those rotate within days, are published for verifying tokens, and are
/// gone when somebody looks at an export years later. This one is derived from the instance key, so
/// that every node has it, a copy of the database does not bring it along, and nobody who can only
/// write to the database signs with it.
package struct AuditKey: Sendable {
    private let ends: Signer
    private let checkpoints: Signer
    private let exports: Signer

    package init(_ instanceKey: InstanceKey) throws {
        let key = try instanceKey.auditKey()
        ends = Signer(key, type: .auditEnd)
        checkpoints = Signer(key, type: .auditCheckpoint)
        exports = Signer(key, type: .auditExport)
    }

    /// The public half, by which anybody verifies an export.
    package var publicKey: JSONWebKey { checkpoints.key.publicKey }

    /// Signs where a chain ends now.
    ///
    /// A checkpoint is handed out, and would else do to set the chain back to where it was.
    func sign(end: Checkpoint) throws -> String {
        try ends.sign(end.payload)
    }

    func sign(_ checkpoint: Checkpoint) throws -> String {
        try checkpoints.sign(checkpoint.payload)
    }

    func sign(_ end: ExportEnd) throws -> String {
        try exports.sign(end.payload)
    }
}

extension TokenType {
    /// Where a chain of events ends now; it is in the database only.
    static let auditEnd = TokenType("gatehouse-audit-end+jwt")
    /// How far a chain of events had come (``Checkpoint``).
    static let auditCheckpoint = TokenType("gatehouse-audit-checkpoint+jwt")
    /// What an export contains (``ExportEnd``).
    static let auditExport = TokenType("gatehouse-audit-export+jwt")
}

extension JSONWebKey {
    /// The payload of a token of one type that this key signed as Ed25519.
    func payload(of token: String, as type: TokenType) throws(JOSEError) -> JSONObject {
        let payload = try UnverifiedJWS(parsing: token)
            .verified(by: self, algorithms: [.edDSA], types: [type])
        do throws(JSONError) {
            return try JSONObject(parsing: payload)
        } catch {
            throw .malformed
        }
    }
}
