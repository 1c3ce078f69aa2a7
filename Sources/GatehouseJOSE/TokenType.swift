import GatehouseEncoding

/// What kind of token a JWS is: the `typ` of its header (RFC 7515 §4.1.9).
///
/// Explicit types keep one kind of token from passing for another (RFC 8725 §3.11). Two names
/// are one type when they differ in ASCII case or in an `application/` prefix only.
public struct TokenType: Sendable, Equatable {
    /// A JWT without a more precise name, such as an ID token; the only type that may go unsaid.
    public static let jwt = TokenType("JWT")
    /// A JWT access token (RFC 9068 §2.1).
    public static let accessToken = TokenType("at+jwt")
    /// A proof that the sender holds a key (RFC 9449 §4.2).
    public static let dpopProof = TokenType("dpop+jwt")
    /// A back-channel logout token (OpenID Connect Back-Channel Logout 1.0 §2.4).
    public static let logoutToken = TokenType("logout+jwt")
    /// A signed authorization request (RFC 9101 §10.8).
    public static let authorizationRequest = TokenType("oauth-authz-req+jwt")
    /// The assertion by which a client authenticates (draft-ietf-oauth-rfc7523bis §4).
    public static let clientAuthentication = TokenType("client-authentication+jwt")
    /// A signed introspection answer (RFC 9701 §5).
    public static let introspection = TokenType("token-introspection+jwt")

    private static let prefix = Array("application/".utf8)

    /// The name as it is written.
    public let name: String
    private let comparable: [UInt8]

    /// A type by its name.
    public init(_ name: String) {
        self.name = name
        let lowercase = name.utf8.map { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
        let rest = lowercase.dropFirst(Self.prefix.count)
        let isPrefixed = lowercase.starts(with: Self.prefix) && !rest.contains(UInt8(ascii: "/"))
        comparable = isPrefixed ? Array(rest) : lowercase
    }

    /// Whether two names are one type.
    public static func == (one: TokenType, other: TokenType) -> Bool {
        one.comparable == other.comparable
    }
}
