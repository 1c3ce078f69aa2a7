private import GatehouseEncoding

/// How a client says who it is at the token endpoint (RFC 6749 §2.3): exactly one way.
public enum ClientAuthentication: Sendable {
    case none(clientID: String)
    case clientSecretBasic(clientID: String, secret: String)
    case clientSecretPost(clientID: String, secret: String)
    case privateKeyJWT(ClientAssertion)

    /// The methods by their registered names, as metadata lists them.
    public static let methods = [
        "client_secret_basic", "client_secret_post", "none", "private_key_jwt",
    ]

    /// Reads the authentication of a request from its `Authorization` headers and its form.
    public init(authorization: [String], form: FormParameters) throws(OAuthError) {
        guard authorization.count <= 1 else {
            throw OAuthError(.invalidRequest, "There is more than one Authorization header.")
        }
        let names = [
            ParameterName.clientID, .clientSecret, .clientAssertion, .clientAssertionType,
        ]
        for name in names where form.isRepeated(name) {
            throw OAuthError(.invalidRequest, "A parameter is included more than once.")
        }
        let hasAssertion = form.contains(.clientAssertion) || form.contains(.clientAssertionType)
        let methods =
            (authorization.isEmpty ? 0 : 1) + (form.contains(.clientSecret) ? 1 : 0)
            + (hasAssertion ? 1 : 0)
        guard methods <= 1 else {
            throw OAuthError(.invalidRequest, "The client authenticates in more than one way.")
        }
        if let header = authorization.first {
            self = try Self.basic(header, form: form)
            return
        }
        if hasAssertion {
            self = .privateKeyJWT(try ClientAssertion(form))
            return
        }
        guard let clientID = form[.clientID] else {
            throw OAuthError(.invalidClient, "The client does not say who it is.")
        }
        self = Self.secret(form[.clientSecret] ?? "", of: clientID) {
            .clientSecretPost(clientID: clientID, secret: $0)
        }
    }

    /// The client that this claims to be.
    public var clientID: String {
        switch self {
        case .none(let clientID), .clientSecretBasic(let clientID, _),
            .clientSecretPost(let clientID, _):
            clientID
        case .privateKeyJWT(let assertion): assertion.subject
        }
    }

    /// `Basic` with both halves form-encoded before they are joined (RFC 6749 §2.3.1).
    private static func basic(_ header: String, form: FormParameters) throws(OAuthError) -> Self {
        let malformed = OAuthError(.invalidClient, "The Authorization header is malformed.")
        let bytes = Array(header.utf8)
        guard bytes.count <= 4_096, bytes.count > 6,
            WireText.equalIgnoringCase(bytes[..<6], "basic "),
            let decoded = Base64.decode(
                String(decoding: bytes[6...].drop { $0 == UInt8(ascii: " ") }, as: UTF8.self)),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":")),
            let clientID = formDecoded(decoded[..<colon]),
            let secret = formDecoded(decoded[decoded.index(after: colon)...])
        else { throw malformed }
        if let named = form[.clientID], !named.isExactly(clientID) {
            throw OAuthError(.invalidRequest, "The client_id is not the authenticated client.")
        }
        return Self.secret(secret, of: clientID) {
            .clientSecretBasic(clientID: clientID, secret: $0)
        }
    }

    /// An empty secret is none: a client that has none may leave it out, or send it (RFC 6749
    /// §2.3.1).
    private static func secret(
        _ secret: String, of clientID: String, _ method: (String) -> Self
    ) -> Self {
        secret.isEmpty ? .none(clientID: clientID) : method(secret)
    }

    /// Decodes one half of the credentials.
    ///
    /// Our own ids and secrets need no encoding at all, so clients that skip this step, as many do,
    /// are understood as well.
    private static func formDecoded(_ half: ArraySlice<UInt8>) -> String? {
        guard !half.contains(UInt8(ascii: "&")), !half.contains(UInt8(ascii: "=")) else {
            return nil
        }
        // Malformed credentials are simply wrong ones: the caller refuses them.
        return try? FormParameters.decode(half)
    }
}
