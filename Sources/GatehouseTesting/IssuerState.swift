internal import GatehouseJOSE

/// What a ``FakeIssuer`` knows at a moment.
struct IssuerState: Sendable {
    /// What stands behind a code or a refresh token.
    struct Grant: Sendable {
        var clientID: String
        var scope: String
        var nonce: String?
        var challenge: String?
        var redirectURI: String?
        var keyThumbprint: String?
    }

    var misbehavior: Misbehavior?
    var person = FakePerson()
    var key: SigningKey
    /// Keys that are published besides.
    var formerKeys: [SigningKey] = []
    var codes: [String: Grant] = [:]
    var refreshTokens: [String: Grant] = [:]
    var pushed: [String: String] = [:]
    /// How often a device is told to wait.
    var pendingAnswers = 0
    var revoked: Set<String> = []
    /// How often each path was asked.
    var requests: [String: Int] = [:]
    /// From where tokens came that it was asked about.
    var clientAddresses: [String?] = []
    /// Whether refreshing brings an ID token.
    var givesIDTokenOnRefresh = true
    /// Whether a refresh token works once.
    var rotatesRefreshTokens = true
    /// Whether proofs have to carry a nonce.
    var wantsNonce = false
    /// What the change feed tells.
    var changes: [FakeChange] = []
    /// From where each follower went on.
    var cursors: [String?] = []
    /// How many seconds access tokens last.
    var lifetime: Int64 = 300
    private var count = 0

    init(key: SigningKey) {
        self.key = key
    }

    /// A name that is no secret: nobody is to be kept out.
    mutating func name(_ prefix: String) -> String {
        count += 1
        return "\(prefix)_\(count)_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    }
}
