import GatehouseProtocol
import Hummingbird

/// Finds out who asks: what the connection says, and what a trusted proxy adds to it.
struct ResolveClient {
    private let isTLS: Bool
    private let proxies: TrustedProxies

    /// Takes whether this server ends TLS itself, and the proxies it believes.
    init(isTLS: Bool, proxies: TrustedProxies) {
        self.isTLS = isTLS
        self.proxies = proxies
    }

    /// The context with everything that is known of the client.
    func resolve(_ context: EdgeContext, for request: Request) -> EdgeContext {
        let forwarded = ForwardedFor(
            ForwardedFor.Lines(request.headers), peer: context.peerAddress, proxies: proxies)
        var context = context
        context.clientAddress = forwarded.clientAddress
        context.isSecure = isTLS || forwarded.isSecure
        if let id = forwarded.requestID { context.requestID = id }
        return context
    }
}
