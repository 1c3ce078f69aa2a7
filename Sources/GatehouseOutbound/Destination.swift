import GatehouseCore
import GatehouseProtocol
import NIOCore

/// Where a request may go: the addresses of a host, all of which were judged.
struct Destination: Sendable {
    /// How many addresses of a host are tried.
    private static let most = 3

    let addresses: [SocketAddress]

    /// Judges what a name led to.
    ///
    /// One address that is not public spoils them all: an honest name has none, and a name that has
    /// both is there to be tried until it leads inside.
    init(
        _ addresses: [SocketAddress], within allowed: PublicAddresses
    ) throws(OutboundFailure) {
        guard !addresses.isEmpty else { throw .unresolved }
        for address in addresses {
            guard Self.isAllowed(address, within: allowed) else { throw .forbiddenAddress }
        }
        self.addresses = Array(addresses.prefix(Self.most))
    }

    private static func isAllowed(
        _ address: SocketAddress, within allowed: PublicAddresses
    ) -> Bool {
        guard let text = address.ipAddress, let parsed = IPAddress(text) else { return false }
        // IPv4 that is written as IPv6 is nothing that a name server should say (RFC 4291 §2.5.5.2).
        if address.protocol == .inet6, parsed.isIPv4 { return false }
        return allowed.contains(parsed)
    }
}
