/// What an API has to know of a request to judge the token in it.
public struct ProtectedRequest: Sendable {
    /// The values of its `Authorization` headers.
    public var authorization: [String]
    /// The values of its `DPoP` headers (RFC 9449 §7.1).
    public var proofs: [String] = []
    /// Its method.
    public var method: String
    /// Its address as the client knows it, which behind a proxy is not what the server sees.
    public var url: String
    /// The SHA-256 digest of the certificate that the connection was made with, in base64url, where
    /// tokens are bound to one (RFC 8705 §3).
    public var certificateThumbprint: String?
    /// The IP address that it came from, if the app knows it: not that of a proxy of its own.
    ///
    /// The issuer is told where it is asked about a token. An API key that names networks opens the
    /// API from there, and without an address from nowhere.
    public var clientAddress: String?

    /// Takes what a request carries.
    public init(authorization: [String], method: String, url: String) {
        self.authorization = authorization
        self.method = method
        self.url = url
    }
}
