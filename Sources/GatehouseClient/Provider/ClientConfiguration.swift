/// What an app is at its provider, and how it likes things done.
public struct ClientConfiguration: Sendable {
    /// Its id at the provider.
    public var clientID: String
    /// How it proves that it is this client.
    public var credential: ClientCredential
    /// Where browsers come back to; registered with the provider, byte for byte.
    public var redirectURI: String
    /// The APIs that access tokens are for (RFC 8707); none for what the provider takes by itself.
    public var resources: [String] = []
    /// Whether a request is handed to the provider before a browser brings it (RFC 9126), so that
    /// nobody sees or changes it on the way.
    public var pushesRequests = false
    /// The key that tokens are bound to (RFC 9449), so that nobody else can use them; nil for
    /// bearer tokens.
    ///
    /// Keep it as long as the tokens: they are of no use without it.
    public var tokenKey: ClientKey?
    /// How many seconds the clocks of app and provider may differ.
    public var clockTolerance: Int64 = 5
    /// How many seconds before its end an access token is refreshed.
    public var refreshBuffer: Int64 = 60

    /// An app with a redirect URI.
    ///
    /// One that only acts for itself or for devices leaves it out.
    public init(clientID: String, credential: ClientCredential, redirectURI: String = "") {
        self.clientID = clientID
        self.credential = credential
        self.redirectURI = redirectURI
    }
}
