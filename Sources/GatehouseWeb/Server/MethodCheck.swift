package import HTTPTypes
package import Hummingbird

/// Tells a wrong method from a wrong path, and answers `OPTIONS` properly.
///
/// Hummingbird answers 404 to both; RFC 9110 §15.5.6 wants 405 with `Allow` for a path that
/// exists. To learn that, the router is asked again, with a context that ``AnswerRouteProbes``
/// stops before the route runs.
package struct MethodCheck {
    private let router: RouterAnswers

    /// Takes the router, which knows the routes.
    init(_ router: RouterAnswers) {
        self.router = router
    }

    /// Answers, and corrects the answer of a router that found no route.
    func answer(_ request: Request, _ context: EdgeContext) async -> Response {
        if request.head.path?.utf8.elementsEqual("*".utf8) == true {
            return Self.empty(allowing: HTTPMethods.routable + [.options])
        }
        let response = await router.answer(request, context)
        guard context.endpointPath == "NotFound", response.status == .notFound else {
            return response
        }
        let allowed = await allowedMethods(request, context)
        return Self.refusal(response, method: request.method, allowed: allowed)
    }

    private static func refusal(
        _ notFound: Response, method: HTTPRequest.Method, allowed: [HTTPRequest.Method]
    ) -> Response {
        let isForbidden = method == .trace || method == .connect
        if allowed.isEmpty, !isForbidden {
            return HTTPMethods.isKnown(method)
                ? notFound : UnexpectedErrors.answer(.notImplemented)
        }
        return answer(to: method, allowing: allowed)
    }

    /// The answer to a method that is none of those that a path allows.
    package static func answer(
        to method: HTTPRequest.Method, allowing allowed: [HTTPRequest.Method]
    ) -> Response {
        if method == .options { return empty(allowing: allowed + [.options]) }
        return UnexpectedErrors.answer(.methodNotAllowed, headers: [.allow: list(allowed)])
    }

    private func allowedMethods(
        _ request: Request, _ context: EdgeContext
    ) async -> [HTTPRequest.Method] {
        var allowed: [HTTPRequest.Method] = []
        for method in HTTPMethods.routable {
            var head = request.head
            head.method = method
            var probe = context
            probe.isRouteProbe = true
            probe.coreContext.endpointPath = EndpointPath()
            let answer = await router.answer(
                Request(head: head, body: .init(buffer: .init())), probe)
            if answer.status == .noContent { allowed.append(method) }
        }
        return allowed
    }

    private static func empty(allowing methods: [HTTPRequest.Method]) -> Response {
        Response(status: .noContent, headers: [.allow: list(methods)])
    }

    private static func list(_ methods: [HTTPRequest.Method]) -> String {
        methods.map(\.rawValue).joined(separator: ", ")
    }
}

/// Tells ``MethodCheck`` whether there is a route.
struct AnswerRouteProbes: RouterMiddleware {
    func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        guard context.isRouteProbe else { return try await next(request, context) }
        return Response(status: context.endpointPath == nil ? .notFound : .noContent)
    }
}
