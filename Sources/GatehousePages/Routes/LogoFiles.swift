import GatehouseCore
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// Serves the logos of tenants, clients and organizations, each at an address of its own that never shows another one.
struct LogoFiles: Sendable {
    let gatehouse: Gatehouse

    func get(_ request: Request, _ context: TenantContext) async throws -> Response {
        guard let id = context.parameters.get("logo").flatMap(Logo.ID.init(parsing:)),
            let image = try await gatehouse.logos.image(id, of: context.tenant.id)
        else { throw HTTPError(.notFound) }
        var headers = HTTPFields()
        headers[.contentType] = image.format.rawValue
        headers[.cacheControl] = "public, max-age=31536000, immutable"
        // Somebody may open it by itself: then it is an image, and nothing else.
        headers[.contentSecurityPolicy] = "default-src 'none'; sandbox"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: image.bytes)))
    }
}
