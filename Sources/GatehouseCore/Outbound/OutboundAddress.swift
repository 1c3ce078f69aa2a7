private import GatehouseEncoding
private import GatehouseProtocol

/// An address that Gatehouse itself may go to: `https`, and read by one parser only.
///
/// Where the host's name leads is not known here: that is found out, and judged, each time.
package struct OutboundAddress: Sendable, Hashable {
    /// The address as it was written.
    package let text: String
    /// A name, an IPv4 address, or an IPv6 address in brackets.
    package let host: String
    package let port: Int
    /// Path and query, as they stand in a request line.
    package let target: String
    /// Host, and the port if one is written, as the `Host` header has it.
    package let authority: String

    package init?(parsing text: String) {
        guard let address = WebAddress(parsing: text), address.scheme == "https" else { return nil }
        self.text = text
        host = address.host
        port = address.port ?? 443
        target =
            (address.path.isEmpty ? "/" : address.path) + (address.query.map { "?" + $0 } ?? "")
        authority = address.host + (address.port.map { ":\($0)" } ?? "")
    }

    /// True if the address is on the very server that another one, of our own, is on.
    ///
    /// Whoever has us ask ourselves can make one event lead to the next without end.
    package func isOnServer(of own: String) -> Bool {
        guard let own = WebAddress(parsing: own) else { return false }
        return own.host.isExactly(host) && own.effectivePort == port
    }
}
