private import GatehouseJOSE
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The documents that clients configure themselves from: metadata (OpenID Connect Discovery 1.0 §4,
/// RFC 8414 §3) and the JWK Set (RFC 7517 §5).
///
/// They are public and may be cached.
struct DiscoveryEndpoints: Sendable {
    let gatehouse: Gatehouse

    func metadata(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await requireTenant(context)
        let keys = try await gatehouse.registry.publishedKeys(
            of: context.tenant.id, at: context.occasion.now)
        let resources = try await gatehouse.registry.publishedResources(
            of: context.tenant.id, at: context.occasion.now)
        return .json(
            keys.metadata(
                of: context.issuer, context.tenant.registrationPolicy.support, resources,
                gatehouse.mutualTLS?.support),
            headers: Self.headers)
    }

    func jsonWebKeySet(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await requireTenant(context)
        let keys = try await gatehouse.registry.publishedKeys(
            of: context.tenant.id, at: context.occasion.now)
        return .json(keys.document, headers: Self.headers)
    }

    private func requireTenant(_ context: TenantContext) async throws {
        guard Standing(tenant: context.tenant).mayAct(at: context.occasion.now) else {
            throw HTTPError(.notFound)
        }
    }

    /// Shorter than a new key is published before it signs, so that nobody meets a signature by a
    /// key they could not know.
    private static let headers: HTTPFields = {
        var headers = HTTPFields()
        headers[.cacheControl] = "public, max-age=\(TenantKey.cacheLifetime.seconds)"
        headers[.accessControlAllowOrigin] = "*"
        if let policy = HTTPField.Name("Cross-Origin-Resource-Policy") {
            headers[policy] = "cross-origin"
        }
        return headers
    }()
}
