private import Foundation

/// A password as it is hashed: normalised to NFC, so that every keyboard's spelling of it is the
/// same bytes, and never cut (NIST SP 800-63B-4 §3.1.1).
package struct Password: Sendable, CustomStringConvertible, CustomReflectable {
    let bytes: [UInt8]

    /// The fewest and the most code points that a password may have.
    package static let length = 8...256
    /// The most bytes that are looked at at all: nothing longer can be a password, in any normal
    /// form of any script.
    private static let byteLimit = 16 * 256

    /// What a person types to sign in: anything that could ever have been set.
    package init?(presented text: String) {
        guard !text.isEmpty, text.utf8.count <= Self.byteLimit, !text.utf8.contains(0) else {
            return nil
        }
        bytes = Array(text.precomposedStringWithCanonicalMapping.utf8)
    }

    /// A password that someone wants to set, judged with what is known of them.
    ///
    /// The context is the names and addresses that the password must not be made of.
    package init(setting text: String, context: [String]) throws(PasswordRefusal) {
        guard text.utf8.count <= Self.byteLimit else { throw .tooLong }
        let normalised = text.precomposedStringWithCanonicalMapping
        guard !normalised.utf8.contains(0) else { throw .unusableCharacter }
        guard normalised.unicodeScalars.count >= Self.length.lowerBound else { throw .tooShort }
        guard normalised.unicodeScalars.count <= Self.length.upperBound else { throw .tooLong }
        if let weakness = PasswordStrength.weakness(of: normalised, context: context) {
            throw weakness
        }
        bytes = Array(normalised.utf8)
    }

    package var description: String { "‹secret›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a password cannot be set.
///
/// The messages are for the person who chose it.
package enum PasswordRefusal: String, Error, Sendable, Equatable {
    case tooShort = "Use at least 8 characters."
    case tooLong = "Use at most 256 characters."
    case unusableCharacter = "This password holds a character that cannot be used."
    case personal = "This password is made of your name or address. Choose something unrelated."
    case common = """
        This password is one of the first that someone would try. Use a few unrelated words, or \
        let your password manager choose.
        """
    case repeated = "Repeated characters are easy to guess. Use a few unrelated words."
    case sequence = "Sequences such as abc or 6543 are easy to guess. Use a few unrelated words."
    case keyboard = "Neighbouring keys are easy to guess. Use a few unrelated words."
    case date = "Dates and years are easy to guess. Use a few unrelated words."
    case guessable = "This password is easy to guess. Make it longer, or add an unrelated word."
}

/// A password hash in its text form, with its own parameters in it (`$argon2id$…`).
package struct PasswordHash: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    package let text: String

    package init(stored text: String) {
        self.text = text
    }

    package var description: String { "‹hash›" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
