private import GatehouseEncoding
internal import GatehouseProtocol

/// An address that an app may ask or send a browser to: https, or plain http on this very machine.
struct ProviderAddress: Sendable, Hashable {
    /// The address as it was written.
    let text: String
    /// Whether it is on the loopback interface.
    let isLoopback: Bool

    /// Reads an address; nil if it is none, or not a safe one.
    init?(_ text: String) {
        guard let address = WebAddress(parsing: text),
            address.scheme.isExactly("https") || address.isLoopback
        else { return nil }
        self.text = text
        isLoopback = address.isLoopback
    }

    /// The address with parameters at its end.
    func adding(_ parameters: FormParameters) -> String {
        text + (text.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + parameters.encoded
    }
}
