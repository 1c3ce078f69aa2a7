private import Crypto
private import GatehouseEncoding
package import GatehouseSQL

/// A random secret that is shown to its holder once: a prefix that says what it is for, and 256
/// bits in base64url.
///
/// Only its digest is stored.
///
/// It has no `Codable` and prints as `‹secret›`, so that it does not slip into a log.
package struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
    /// What a secret is for.
    ///
    /// A secret of one purpose is never accepted for another.
    package enum Purpose: String, Sendable {
        case authorizationCode = "ac"
        case refreshToken = "rt"
        case accessToken = "tok"
        case clientSecret = "cs"
        case session = "ses"
        case browser = "brw"
        case device = "dev"
        case adminLink = "adm"
        case deviceCode = "dc"
        case pushedRequest = "par"
        case initialAccessToken = "iat"
        case registrationAccessToken = "rat"
        case authenticationRequest = "arq"
        case apiKey = "ak"
        case invitation = "ivt"
        case administratorKey = "gak"
    }

    package let purpose: Purpose
    private let bytes: [UInt8]

    /// Makes a new secret.
    package init(for purpose: Purpose) {
        self.purpose = purpose
        bytes = Random.bytes(32)
    }

    /// Makes a secret of 32 bytes that were derived from another one.
    package init(for purpose: Purpose, derived bytes: [UInt8]) {
        self.purpose = purpose
        self.bytes = bytes
    }

    /// Reads what was presented; nil unless it is the one spelling of a secret of this purpose.
    package init?(_ text: String, for purpose: Purpose) {
        let prefix = purpose.rawValue + "_"
        guard text.utf8.count == prefix.utf8.count + 43, text.utf8.starts(with: prefix.utf8),
            let bytes = Base64URL.decode(Array(text.utf8.dropFirst(prefix.utf8.count)))
        else { return nil }
        self.purpose = purpose
        self.bytes = bytes
    }

    /// What the holder is given.
    ///
    /// Goes into answers and cookies, nowhere else.
    package var revealed: String { purpose.rawValue + "_" + Base64URL.encode(bytes) }

    /// How it begins: enough to tell which one somebody found, and useless to whoever reads it.
    var beginning: String { String(revealed.prefix(9)) }

    /// What is stored, and looked up by.
    package var digest: SecretDigest { SecretDigest(of: revealed) }

    /// A code that only the holder of this secret and nobody else can make for a text.
    package func authenticationCode(for text: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Array(text.utf8), using: SymmetricKey(data: bytes))
        return Base64URL.encode(Array(code))
    }

    /// True if the code was made for the text with this secret.
    ///
    /// Takes the same time whatever the code is.
    package func isValid(_ code: String, for text: String) -> Bool {
        guard let code = Base64URL.decode(code) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            code, authenticating: Array(text.utf8), using: SymmetricKey(data: bytes))
    }

    package var description: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The SHA-256 digest of a random secret: enough to recognise it, useless to whoever reads it.
package struct SecretDigest: Hashable, Sendable, SQLConvertible {
    package let bytes: [UInt8]

    package init(of text: String) {
        bytes = Array(SHA256.hash(data: Array(text.utf8)))
    }

    package init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    package var sqlValue: SQLValue { .bytes(bytes) }
}
