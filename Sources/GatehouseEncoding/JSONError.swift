/// Why bytes are no JSON value we accept, and where reading stopped; never what they say.
public struct JSONError: Error, Equatable, Sendable {
    /// The kinds of refusal.
    public enum Reason: Equatable, Sendable {
        /// The bytes do not follow the grammar of RFC 8259 §2.
        case malformed
        /// A text is not UTF-8, or escapes half of a surrogate pair.
        case invalidText
        /// A text contains `\u0000`.
        case nulCharacter
        /// A name appears twice in one object.
        case duplicateMember
        /// Arrays and objects are nested too deep.
        case tooDeep
        /// A number is too long or too large.
        case numberOutOfRange
        /// An object was asked for and the value is something else.
        case notAnObject
    }

    /// What is wrong.
    public let reason: Reason
    /// How many bytes were read before.
    public let offset: Int

    init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}
