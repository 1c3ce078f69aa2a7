package import GatehouseProtocol
package import Hummingbird

/// Builds what answers requests: the routes, and around them what every request passes.
///
/// From the outside in: ``ResolveClient``, ``RequestLog``, ``SecurityHeaders``,
/// ``MethodCheck``, the router, ``UnexpectedErrors``, the route. The router is made here, so
/// that none of this can be forgotten.
package func edgeResponder(
    isTLS: Bool, trusting proxies: TrustedProxies, routes: (Router<EdgeContext>) -> Void
) -> CallbackResponder<EdgeContext> {
    let router = Router(context: EdgeContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: AnswerRouteProbes())
    router.add(middleware: UnexpectedErrors())
    routes(router)
    let around: [any RouterMiddleware<EdgeContext>] = [
        ResolveClient(isTLS: isTLS, proxies: proxies), RequestLog(), SecurityHeaders(),
        MethodCheck(),
    ]
    return around.reversed().reduce(callback(router.buildResponder())) { inner, middleware in
        CallbackResponder { request, context in
            try await middleware.handle(request, context: context) { request, context in
                try await inner.respond(to: request, context: context)
            }
        }
    }
}

private func callback(
    _ responder: some HTTPResponder<EdgeContext>
) -> CallbackResponder<EdgeContext> {
    CallbackResponder { request, context in
        try await responder.respond(to: request, context: context)
    }
}
