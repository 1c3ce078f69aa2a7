private import Crypto
import GatehouseJOSE
import GatehouseProtocol
import GatehouseSQL

/// The key that seals everything this installation must be able to read back.
///
/// That is signing keys above all. It has 256 bits, kept in a file or in the environment, never in the database.
package struct InstanceKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let sealing: SymmetricKey
    private let refreshTokens: SymmetricKey
    private let attempts: SymmetricKey
    private let dpopNonces: SymmetricKey
    private let userCodes: SymmetricKey
    private let auditTrails: SymmetricKey

    /// Takes a key of exactly 32 bytes.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        let master = SymmetricKey(data: bytes)
        sealing = Self.derived("seal", from: master)
        refreshTokens = Self.derived("refresh-token", from: master)
        attempts = Self.derived("attempts", from: master)
        dpopNonces = Self.derived("dpop-nonce", from: master)
        userCodes = Self.derived("user-code", from: master)
        auditTrails = Self.derived("audit", from: master)
    }

    /// Seals bytes so that only this key opens them, and only for the same use (AES-256-GCM).
    ///
    /// The use says what the bytes are and whose, such as `signing-key/ten_…/kid`.
    package func seal(_ bytes: [UInt8], for use: String) throws -> [UInt8] {
        let box = try AES.GCM.seal(
            bytes, using: sealing, authenticating: Array(use.utf8))
        guard let combined = box.combined else { throw InstanceKeyError.cannotSeal }
        return Array(combined)
    }

    /// Opens what was sealed for the same use.
    package func open(_ sealed: [UInt8], for use: String) throws(InstanceKeyError) -> [UInt8] {
        do {
            let box = try AES.GCM.SealedBox(combined: sealed)
            return Array(
                try AES.GCM.open(box, using: sealing, authenticating: Array(use.utf8)))
        } catch {
            throw .wrongKey
        }
    }

    /// The refresh token that follows the presented one.
    ///
    /// Derived, so that a client whose answer was lost gets the same one again, and no token is
    /// kept in clear.
    package func successor(of presented: Secret, in tenant: Tenant.ID) -> Secret {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array((tenant.text + "/" + presented.revealed).utf8),
            using: refreshTokens)
        return Secret(for: .refreshToken, derived: Array(code))
    }

    /// A code for whose attempts a counter counts, which tells nobody else who they are.
    func attemptCode(for text: String) -> [UInt8] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(text.utf8), using: attempts)
        return Array(code.prefix(16))
    }

    /// A code for a period of time that nobody can foretell, and each node can make again.
    func dpopNonceCode(for text: String) -> [UInt8] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(text.utf8), using: dpopNonces)
        return Array(code.prefix(16))
    }

    /// What a user code is looked up by.
    ///
    /// It has too few letters for a plain digest to hide it from a reader of the database.
    func digest(of code: UserCode, in tenant: Tenant.ID) -> [UInt8] {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array((tenant.text + "/" + code.text).utf8), using: userCodes)
        return Array(code)
    }

    /// The key that signs what audit trails say; see ``AuditKey``.
    func auditKey() throws(JOSEError) -> SigningKey {
        let seed = HMAC<SHA256>.authenticationCode(for: Array("ed25519".utf8), using: auditTrails)
        return try SigningKey(restoring: Array(seed), algorithm: .edDSA)
    }

    private static func derived(_ use: String, from master: SymmetricKey) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: master, info: Array("gatehouse/\(use)".utf8), outputByteCount: 32)
    }

    package var description: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why sealed bytes could not be used.
package enum InstanceKeyError: Error, Sendable {
    /// The bytes were sealed with another key, for another use, or were changed.
    case wrongKey
    case cannotSeal
}
