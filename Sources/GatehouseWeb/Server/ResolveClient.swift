import GatehouseProtocol
import Hummingbird

/// Finds out who asks, and at which host: what the connection says, and what a trusted proxy adds to
/// it.
struct ResolveClient {
    private let isTLS: Bool
    private let proxies: TrustedProxies
    private let hosts: TenantHosts?

    /// Takes whether this server ends TLS itself, the proxies it believes, and the hosts of tenants.
    init(isTLS: Bool, proxies: TrustedProxies, hosts: TenantHosts?) {
        self.isTLS = isTLS
        self.proxies = proxies
        self.hosts = hosts
    }

    /// The context with everything that is known of the client.
    func resolve(_ context: EdgeContext, for request: Request) -> EdgeContext {
        let forwarded = ForwardedFor(
            ForwardedFor.Lines(request.headers), peer: context.peerAddress, proxies: proxies)
        var context = context
        context.clientAddress = forwarded.clientAddress
        context.isSecure = isTLS || forwarded.isSecure
        if let hosts { context.destination = hosts.destination(of: request.head.authority) }
        if let id = forwarded.requestID { context.requestID = id }
        return context
    }
}
