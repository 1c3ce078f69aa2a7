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
    package func addRoutes(to tenant: RouterGroup<TenantContext>) {
        let discovery = DiscoveryEndpoints(gatehouse: gatehouse)
        for endpoint in [Endpoint.openIDConfiguration, .authorizationServerMetadata] {
            for path in endpoint.paths { tenant.get(RouterPath(path), use: discovery.metadata) }
        }
        for path in Endpoint.jsonWebKeySet.paths {
            tenant.get(RouterPath(path), use: discovery.jsonWebKeySet)
        }
        let errors = tenant.group().add(middleware: OAuthErrorAnswer())
        for path in Endpoint.token.paths {
            errors.post(RouterPath(path), use: TokenEndpoint(gatehouse: gatehouse).answer)
        }
        for path in Endpoint.revocation.paths {
            errors.post(RouterPath(path), use: RevocationEndpoint(gatehouse: gatehouse).answer)
        }
        for path in Endpoint.userInfo.paths {
            errors.get(RouterPath(path), use: UserInfoEndpoint(gatehouse: gatehouse).answer)
            errors.post(RouterPath(path), use: UserInfoEndpoint(gatehouse: gatehouse).answer)
        }
    }

    /// Adds the metadata at the paths that put the well-known name before the issuer's path
    /// (RFC 8414 §3.1).
    package func addPathInsertedRoutes(to tenant: RouterGroup<TenantContext>) {
        tenant.get(use: DiscoveryEndpoints(gatehouse: gatehouse).metadata)
    }
}
