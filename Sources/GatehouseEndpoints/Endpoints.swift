package import GatehouseCore
package import GatehouseProtocol
package import GatehouseWeb
import HTTPTypes
package import Hummingbird

/// The OAuth and OpenID Connect endpoints that clients call, at their canonical paths and their
/// aliases.
///
/// Those that a browser is sent to are pages, and live with them.
package struct Endpoints: DirectAnswers {
    /// What answers at a path below an issuer.
    private struct Route: Sendable {
        /// Whether anybody may read the answer, and it is served without the database too.
        let isDocument: Bool
        let methods: [HTTPRequest.Method]
        let answer: @Sendable (Request, TenantContext) async throws -> Response
    }

    private let base: BaseURL
    private let requireHTTPS: RequireHTTPS
    private let resolve: ResolveTenant
    private let crossOrigin: CrossOriginAnswer
    private let routes: [Substring: Route]

    package init(gatehouse: Gatehouse, base: BaseURL, resolving resolve: ResolveTenant) {
        self.base = base
        requireHTTPS = RequireHTTPS(base: base, audience: .programs)
        self.resolve = resolve
        crossOrigin = CrossOriginAnswer(origins: gatehouse.allowedOrigins)
        routes = Self.routes(gatehouse)
    }

    private static func routes(_ gatehouse: Gatehouse) -> [Substring: Route] {
        let discovery = DiscoveryEndpoints(gatehouse: gatehouse)
        var routes: [Substring: Route] = [:]
        func add(_ endpoint: Endpoint, _ route: Route) {
            for path in endpoint.paths { routes[path[...]] = route }
        }
        func add(document endpoint: Endpoint, _ answer: @escaping Answer) {
            add(endpoint, Route(isDocument: true, methods: [.get, .head], answer: answer))
        }
        func add(
            _ methods: [HTTPRequest.Method], _ endpoint: Endpoint, _ answer: @escaping Answer
        ) {
            add(endpoint, Route(isDocument: false, methods: methods, answer: answer))
        }
        add(document: .openIDConfiguration, discovery.metadata)
        add(document: .authorizationServerMetadata, discovery.metadata)
        add(document: .jsonWebKeySet, discovery.jsonWebKeySet)
        add([.post], .token, TokenEndpoint(gatehouse: gatehouse).answer)
        add([.post], .revocation, RevocationEndpoint(gatehouse: gatehouse).answer)
        add([.post], .introspection, IntrospectionEndpoint(gatehouse: gatehouse).answer)
        add(
            [.post], .deviceAuthorization,
            DeviceAuthorizationEndpoint(gatehouse: gatehouse).answer)
        add([.get, .head, .post], .userInfo, UserInfoEndpoint(gatehouse: gatehouse).answer)
        add(
            [.post], .pushedAuthorizationRequest,
            PushedAuthorizationRequestEndpoint(gatehouse: gatehouse).answer)
        let registration = RegistrationEndpoint(gatehouse: gatehouse)
        add([.post], .clientRegistration, registration.register)
        add([.get, .put, .delete], .clientConfiguration, registration.configure)
        add(
            [.post], .backchannelAuthentication,
            BackchannelAuthenticationEndpoint(gatehouse: gatehouse).answer)
        let approvals = ApprovalsEndpoint(gatehouse: gatehouse)
        add([.get], .approvalRequests, approvals.list)
        add([.get, .post], .approvalRequest, approvals.one)
        add([.get], .changeFeed, ChangesEndpoint(gatehouse: gatehouse).answer)
        return routes
    }

    private typealias Answer = @Sendable (Request, TenantContext) async throws -> Response

    /// Answers at the path of an endpoint.
    package func answer(_ request: Request, _ context: EdgeContext) async -> Response? {
        guard let path = TenantPath(request.uri.path[...], at: context.destination, base: base),
            let route = route(to: path.rest)
        else { return nil }
        if let refusal = requireHTTPS.refusal(of: request, context) { return refusal }
        let tenant: TenantContext
        do {
            tenant = try await resolve.context(
                path.tenant, context, toPublish: route.isDocument)
        } catch {
            return OAuthErrorAnswer(context).answer(error)
        }
        var response = await answer(request, tenant, by: route)
        guard !route.isDocument else { return response }
        do {
            try await crossOrigin.add(to: &response, request, tenant)
        } catch {
            return OAuthErrorAnswer(tenant).answer(error)
        }
        return response
    }

    /// What answers at a path: at the very path, or at whatever stands right below one that ends with
    /// a slash.
    private func route(to path: Substring) -> Route? {
        if let route = routes[path] { return route }
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        let folder = path[...slash]
        return folder.utf8.count < path.utf8.count ? routes[folder] : nil
    }

    private func answer(
        _ request: Request, _ context: TenantContext, by route: Route
    ) async -> Response {
        guard route.methods.contains(request.method) else {
            return MethodCheck.answer(to: request.method, allowing: route.methods)
        }
        do {
            return try await route.answer(request, context)
        } catch {
            return OAuthErrorAnswer(context).answer(error)
        }
    }
}
