private import GatehouseEncoding

/// A kind of token that can be exchanged, by its registered name (RFC 8693 §3).
public enum TokenTypeIdentifier: String, Sendable, Hashable, CaseIterable {
    case accessToken = "urn:ietf:params:oauth:token-type:access_token"
    case idToken = "urn:ietf:params:oauth:token-type:id_token"

    /// Parses the name by its bytes.
    public init?(parsing text: String) {
        guard let type = Self.allCases.first(where: { $0.rawValue.isExactly(text) }) else {
            return nil
        }
        self = type
    }
}
