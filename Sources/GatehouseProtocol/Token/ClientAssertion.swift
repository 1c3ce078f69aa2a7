private import GatehouseEncoding

/// The assertion by which a client authenticates (RFC 7521 §4.2, RFC 7523 §2.2), read as far as it
/// takes to know whose it claims to be.
public struct ClientAssertion: Sendable {
    /// The only type of assertion that there is: a JWT.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    /// The largest assertion in bytes.
    static let mostBytes = 16 * 1024

    /// The JWT, as it was sent.
    public let text: String
    /// The client that it claims to be about (`sub`).
    public let subject: String

    /// Reads the assertion of a request, which says by its type what it is.
    init(_ form: FormParameters) throws(OAuthError) {
        guard let type = form[.clientAssertionType], type.isExactly(Self.type) else {
            throw OAuthError(.invalidClient, "The client_assertion_type is not supported.")
        }
        guard let text = form[.clientAssertion] else {
            throw OAuthError(.invalidClient, "The client_assertion is missing.")
        }
        try self.init(text)
        if let named = form[.clientID], !named.isExactly(subject) {
            throw OAuthError(.invalidClient, "The client_id is not the client of the assertion.")
        }
    }

    /// Reads a compact JWS (RFC 7515 §7.1), and believes nothing of it.
    init(_ text: String) throws(OAuthError) {
        let malformed = OAuthError(.invalidClient, "The client assertion is malformed.")
        let parts = Array(text.utf8.prefix(Self.mostBytes + 1)).split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.mostBytes, parts.count == 3,
            let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let algorithm = header["alg"]?.string, let subject = claims["sub"]?.string
        else { throw malformed }
        guard !algorithm.utf8.starts(with: "HS".utf8) else {
            throw OAuthError(
                .invalidClient, "client_secret_jwt is not supported: sign with a private key.")
        }
        self.text = text
        self.subject = subject
    }

    private static func object(_ part: ArraySlice<UInt8>) -> JSONObject? {
        // Whatever is wrong with it, the caller refuses it.
        Base64URL.decode(part).flatMap { try? JSONObject(parsing: $0) }
    }
}
