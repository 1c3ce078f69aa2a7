internal import GatehouseEncoding

/// What the token endpoint answered (RFC 6749 §5.1), before the tokens in it were checked.
struct TokenAnswer: Sendable {
    let accessToken: String
    /// Whether the access token is bound to the app's key.
    let isBound: Bool
    /// When the access token ends, in seconds since 1970.
    let expiresAt: Int64
    let idToken: String?
    let refreshToken: String?
    /// What was granted; nil for what was asked for.
    let scopes: [String]?
    /// What kind of token was issued in exchange (RFC 8693 §2.2.1).
    let issuedTokenType: String?

    /// How many seconds a token is taken to last whose end is not said.
    private static let defaultLifetime: Int64 = 300

    /// Reads an answer.
    ///
    /// Who wanted a token that is bound to a key does not take another one.
    init(_ object: JSONObject, wantsBound: Bool, at now: Int64) throws(ClientError) {
        guard let accessToken = object["access_token"]?.string, !accessToken.isEmpty,
            let type = object["token_type"]?.string
        else { throw .untrustworthy(.answer) }
        switch type.lowercased() {
        case "bearer" where !wantsBound: isBound = false
        case "dpop" where wantsBound: isBound = true
        default: throw .untrustworthy(.tokenType)
        }
        let lifetime: Int64
        switch object["expires_in"] {
        case nil: lifetime = Self.defaultLifetime
        case .some(let value):
            guard let seconds = value.integer, (0...1 << 32).contains(seconds) else {
                throw .untrustworthy(.answer)
            }
            lifetime = seconds
        }
        self.accessToken = accessToken
        expiresAt = now + lifetime
        idToken = object["id_token"]?.string
        refreshToken = object["refresh_token"]?.string
        scopes = object["scope"]?.string?.split(separator: " ").map(String.init)
        issuedTokenType = object["issued_token_type"]?.string
    }
}

extension IdentityProvider {
    /// Asks the token endpoint.
    func tokens(_ parameters: [(String, String)]) async throws -> TokenAnswer {
        do {
            let now = clock.time
            let address = try metadata.address(of: .token)
            let resources = configuration.resources.map { ("resource", $0) }
            let object = try await endpoints.post(
                parameters + resources, to: address, provesKey: true)
            guard let object else { throw ClientError.untrustworthy(.answer) }
            return try TokenAnswer(
                object, wantsBound: configuration.tokenKey != nil, at: now)
        } catch let refusal as OAuthRefusal {
            throw ClientError(refusal)
        }
    }
}
