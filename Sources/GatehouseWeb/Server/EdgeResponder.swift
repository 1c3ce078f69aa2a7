package import GatehouseProtocol
package import Hummingbird

/// Builds what answers requests: the routes, and around them what every request passes.
///
/// From the outside in: ``ResolveClient``, ``RequestLog``, ``SecurityHeaders``,
/// ``MethodCheck``, the router, ``UnexpectedErrors``, the route. The router is made here, so
/// that none of this can be forgotten.
package func edgeResponder(
    isTLS: Bool, trusting proxies: TrustedProxies, routes: (Router<EdgeContext>) -> Void
) -> some HTTPResponder<EdgeContext> {
    let router = Router(context: EdgeContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: AnswerRouteProbes())
    router.add(middleware: UnexpectedErrors())
    routes(router)
    return Around(
        ResolveClient(isTLS: isTLS, proxies: proxies),
        Around(
            RequestLog(),
            Around(SecurityHeaders(), Around(MethodCheck(), router.buildResponder()))))
}

/// A middleware and what it stands around.
///
/// The compiler knows both, so that a request passes from one to the next without an allocation.
private struct Around<Middleware: RouterMiddleware, Inner: HTTPResponder>: HTTPResponder
where Middleware.Context == EdgeContext, Inner.Context == EdgeContext {
    let middleware: Middleware
    let inner: Inner

    init(_ middleware: Middleware, _ inner: Inner) {
        self.middleware = middleware
        self.inner = inner
    }

    func respond(to request: Request, context: EdgeContext) async throws -> Response {
        try await middleware.handle(request, context: context) { request, context in
            try await inner.respond(to: request, context: context)
        }
    }
}
