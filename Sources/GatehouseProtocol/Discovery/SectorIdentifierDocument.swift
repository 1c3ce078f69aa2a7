private import GatehouseEncoding

/// The list of redirect URIs that stand together, published at a sector identifier (OpenID Connect
/// Dynamic Client Registration 1.0 §5).
public struct SectorIdentifierDocument: Sendable {
    /// The addresses as they were written.
    private let redirectURIs: [String]

    /// The most addresses that a list may have.
    public static let limit = 1_000

    /// Reads a JSON array of texts; nil if it is anything else.
    public init?(parsing bytes: [UInt8]) {
        // Whatever is wrong with it, the caller refuses it.
        guard let texts = (try? JSONValue(parsing: bytes))?.strings, texts.count <= Self.limit
        else {
            return nil
        }
        redirectURIs = texts
    }

    /// Whether a redirect URI is in the list, byte for byte.
    public func lists(_ redirectURI: RedirectURI) -> Bool {
        redirectURIs.contains { redirectURI.text.isExactly($0) }
    }
}
