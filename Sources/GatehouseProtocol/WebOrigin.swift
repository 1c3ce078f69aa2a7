private import GatehouseEncoding

/// The origin of a web page, as browsers send it: scheme, host and maybe port (RFC 6454 §6.2).
public struct WebOrigin: Sendable, Hashable {
    /// The origin as browsers write it.
    public let text: String

    /// Takes an origin byte for byte as browsers write it: https, or http on the loopback interface;
    /// without the port that the scheme has anyway.
    public init?(parsing text: String) {
        guard let address = WebAddress(parsing: text), address.path.isEmpty, address.query == nil,
            address.origin.isExactly(text), address.scheme == "https" || address.isLoopback,
            address.port != (address.scheme == "https" ? 443 : 80)
        else { return nil }
        self.text = text
    }
}
