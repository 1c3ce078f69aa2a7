/// What the server proves itself by where it tells a client that a person has answered (OpenID
/// Connect CIBA Core §7.1): a bearer token that the client made.
///
/// It prints as `‹secret›`, so that it does not slip into a log.
public struct ClientNotificationToken: Sendable, Hashable, CustomStringConvertible,
    CustomReflectable
{
    /// What stands in the `Authorization` header behind the scheme, and nowhere else.
    package let revealed: String

    /// The most characters that a token has (OpenID Connect CIBA Core §7.1).
    public static let limit = 1_024

    /// Reads a token; nil unless it has the syntax of a bearer credential (RFC 6750 §2.1).
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard (1...Self.limit).contains(bytes.count) else { return nil }
        let body = bytes.prefix { $0 != UInt8(ascii: "=") }
        guard !body.isEmpty, body.allSatisfy(Self.allows),
            bytes[body.count...].allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        revealed = text
    }

    private static let signs = Array("-._~+/".utf8)

    private static func allows(_ byte: UInt8) -> Bool {
        WireText.isAlphanumeric(byte) || signs.contains(byte)
    }

    /// Says nothing of the token.
    public var description: String { "‹secret›" }
    /// Shows nothing of the token.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
