package import GatehouseProtocol
package import Hummingbird

/// Finds out who asks: what the connection says, and what a trusted proxy adds to it.
package struct ResolveClient: RouterMiddleware {
    private let isTLS: Bool
    private let proxies: TrustedProxies

    /// Takes whether this server ends TLS itself, and the proxies it believes.
    package init(isTLS: Bool, proxies: TrustedProxies) {
        self.isTLS = isTLS
        self.proxies = proxies
    }

    /// Completes the context before anything else sees the request.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        let forwarded = ForwardedFor(
            ForwardedFor.Lines(request.headers), peer: context.peerAddress, proxies: proxies)
        var context = context
        context.clientAddress = forwarded.clientAddress
        context.isSecure = isTLS || forwarded.isSecure
        if let id = forwarded.requestID { context.requestID = id }
        return try await next(request, context)
    }
}
