import GatehouseProtocol
package import Hummingbird

/// Answers requests: the endpoints and the routes, and around them what every request passes.
///
/// The router is made here, so that nothing of what belongs around every route can be forgotten.
struct EdgeResponder: Sendable {
    private let client: ResolveClient
    private let endpoints: (any DirectAnswers)?
    private let installation: MethodCheck
    private let tenants: MethodCheck?

    /// Collects the routes; the endpoints are asked first.
    init(
        _ settings: HTTPServerSettings, endpoints: (any DirectAnswers)?,
        hosts: HostRoutes?, routes: (Router<EdgeContext>) -> Void
    ) {
        client = ResolveClient(settings, hosts: hosts?.hosts)
        self.endpoints = endpoints
        installation = Self.answers(routes)
        tenants = hosts.map { Self.answers($0.routes) }
    }

    private static func answers(_ routes: (Router<EdgeContext>) -> Void) -> MethodCheck {
        let router = Router(context: EdgeContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: AnswerRouteProbes())
        router.add(middleware: UnexpectedErrors())
        routes(router)
        return MethodCheck(RouterAnswers(router.buildResponder()))
    }

    /// Answers, whatever happens, and tells the operator and the client (by `X-Request-Id`).
    func answer(_ request: Request, _ context: EdgeContext) async -> Response {
        let start = ContinuousClock.now
        let context = client.resolve(context, for: request)
        var response = await route(request, context)
        if request.method == .head {
            // What followed would be read as the next answer (RFC 9110 §9.3.2).
            response = response.createHeadResponse()
        }
        SecurityHeaders.add(to: &response.headers, isSecure: context.isSecure)
        response.headers[.xRequestID] = context.requestID
        RequestLog.write(
            request, context, status: response.status, took: ContinuousClock.now - start)
        return response
    }

    private func route(_ request: Request, _ context: EdgeContext) async -> Response {
        if let answer = await endpoints?.answer(request, context) { return answer }
        switch context.destination {
        case .installation: break
        // Whoever asks for these asks this process, by whatever name it found it.
        case _ where HealthRoutes.isProbe(request.uri.path[...].utf8): break
        case .tenant:
            if let tenants { return await tenants.answer(request, context) }
        case .mutualTLS:
            // Pages are for browsers, and these are not to be asked for a certificate.
            return UnexpectedErrors.answer(.notFound)
        case .elsewhere:
            return UnexpectedErrors.answer(
                .misdirectedRequest,
                text: "Nothing here has this host name. A proxy must pass the Host header on.")
        }
        return await installation.answer(request, context)
    }
}

/// The hosts of tenants, and the routes at each of them.
package struct HostRoutes {
    let hosts: TenantHosts
    let routes: (Router<EdgeContext>) -> Void

    package init(of hosts: TenantHosts, _ routes: @escaping (Router<EdgeContext>) -> Void) {
        self.hosts = hosts
        self.routes = routes
    }
}

/// The router, which always has an answer.
struct RouterAnswers: Sendable {
    private let router: RouterResponder<EdgeContext>

    /// Takes the router with all its routes.
    init(_ router: RouterResponder<EdgeContext>) {
        self.router = router
    }

    /// The answer of the route, or to whatever else may be thrown on the way to it.
    func answer(_ request: Request, _ context: EdgeContext) async -> Response {
        do {
            return try await router.respond(to: request, context: context)
        } catch {
            return UnexpectedErrors.answer(error, context)
        }
    }
}
