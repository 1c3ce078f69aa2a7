private import GatehouseEncoding

/// The S256 code challenge of RFC 7636 §4.2: the base64url of a SHA-256 digest.
///
/// `plain` is not a case. RFC 9700 §2.1.1 asks for S256, and nothing else is offered.
public struct CodeChallenge: Sendable, Hashable {
    /// 43 characters of canonical base64url.
    public let text: String

    /// Checks a challenge and its method.
    ///
    /// A challenge without a method would mean `plain`.
    public init(_ challenge: String, method: String?) throws(OAuthError) {
        guard let method, method.isExactly("S256") else {
            throw OAuthError(.invalidRequest, "The code_challenge_method must be S256.")
        }
        guard let challenge = Self(stored: challenge) else {
            throw OAuthError(
                .invalidRequest, "The code_challenge is not the base64url of a SHA-256 digest.")
        }
        self = challenge
    }

    /// Restores a challenge that was checked before.
    package init?(stored text: String) {
        guard let digest = Base64URL.decode(text), digest.count == 32 else { return nil }
        self.text = text
    }
}

/// The code verifier of RFC 7636 §4.1: 43 to 128 unreserved characters.
public struct CodeVerifier: Sendable, Hashable {
    /// The verifier as it was sent.
    public let text: String

    /// Checks length and characters; nil if either is wrong.
    public init?(_ text: String) {
        guard (43...128).contains(text.utf8.count), text.utf8.allSatisfy(Self.isUnreserved) else {
            return nil
        }
        self.text = text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
