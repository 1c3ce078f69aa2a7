package import GatehouseCore
import GatehouseProtocol
package import GatehouseWeb
package import Hummingbird

/// The OAuth and OpenID Connect endpoints that clients call.
///
/// Those that a browser is sent to are pages, and live with them.
package struct Endpoints: Sendable {
    private let gatehouse: Gatehouse

    package init(gatehouse: Gatehouse) {
        self.gatehouse = gatehouse
    }

    /// Adds every endpoint at its canonical path and its aliases.
    package func addRoutes(to tenant: RouterGroup<EdgeContext>, resolving: ResolveTenant) {
        addDocuments(to: tenant.group(), resolving: resolving.forDocuments)
        addCallableRoutes(
            to: tenant.group().add(middleware: UnresolvedTenantAnswer())
                .add(middleware: resolving).group(context: TenantContext.self)
                .add(middleware: CrossOriginAnswer(origins: gatehouse.allowedOrigins))
                .add(middleware: OAuthErrorAnswer()))
    }

    /// Adds what clients and verifiers configure themselves from.
    private func addDocuments(
        to tenant: RouterGroup<EdgeContext>, resolving: ResolveTenant
    ) {
        let documents = tenant.add(middleware: UnresolvedTenantAnswer())
            .add(middleware: resolving).group(context: TenantContext.self)
            .add(middleware: OAuthErrorAnswer())
        let discovery = DiscoveryEndpoints(gatehouse: gatehouse)
        for endpoint in [Endpoint.openIDConfiguration, .authorizationServerMetadata] {
            for path in endpoint.paths { documents.get(RouterPath(path), use: discovery.metadata) }
        }
        for path in Endpoint.jsonWebKeySet.paths {
            documents.get(RouterPath(path), use: discovery.jsonWebKeySet)
        }
    }

    /// Adds what applications call, from a server or from a page.
    private func addCallableRoutes(to group: RouterGroup<TenantContext>) {
        for path in Endpoint.token.paths {
            group.post(RouterPath(path), use: TokenEndpoint(gatehouse: gatehouse).answer)
        }
        for path in Endpoint.revocation.paths {
            group.post(RouterPath(path), use: RevocationEndpoint(gatehouse: gatehouse).answer)
        }
        for path in Endpoint.userInfo.paths {
            group.get(RouterPath(path), use: UserInfoEndpoint(gatehouse: gatehouse).answer)
            group.post(RouterPath(path), use: UserInfoEndpoint(gatehouse: gatehouse).answer)
        }
        let methods: [(Endpoint, String)] = [
            (.token, "POST"), (.revocation, "POST"), (.userInfo, "GET, POST"),
        ]
        for (endpoint, methods) in methods {
            for path in endpoint.paths {
                group.on(
                    RouterPath(path), method: .options, use: CrossOriginAnswer.options(methods))
            }
        }
    }

    /// Adds the metadata at the paths that put the well-known name before the issuer's path
    /// (RFC 8414 §3.1).
    package func addPathInsertedRoutes(
        to tenant: RouterGroup<EdgeContext>, resolving: ResolveTenant
    ) {
        tenant.add(middleware: UnresolvedTenantAnswer()).add(middleware: resolving.forDocuments)
            .group(context: TenantContext.self).add(middleware: OAuthErrorAnswer())
            .get(use: DiscoveryEndpoints(gatehouse: gatehouse).metadata)
    }
}
