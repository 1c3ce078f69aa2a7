private import GatehouseEncoding

/// A way to ask for a token (RFC 6749 §1.3).
///
/// The metadata document lists every case, so it cannot promise one that the token endpoint does
/// not handle.
public enum GrantType: String, Sendable, Hashable, CaseIterable {
    case authorizationCode = "authorization_code"
    case refreshToken = "refresh_token"
    case clientCredentials = "client_credentials"
    case deviceCode = "urn:ietf:params:oauth:grant-type:device_code"
    case tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange"
    case jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    case ciba = "urn:openid:params:grant-type:ciba"

    /// Parses the name by its bytes.
    public init?(parsing text: String) {
        guard let type = Self.allCases.first(where: { $0.rawValue.isExactly(text) }) else {
            return nil
        }
        self = type
    }
}
