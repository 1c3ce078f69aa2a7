import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The revocation endpoint (RFC 7009).
///
/// The answer is 200 whether there was something to revoke or not.
struct RevocationEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.client(of: request, form, context)
        try await gatehouse.revokeToken.revoke(
            RevocationRequest(form), by: client, of: context.tenant, on: context.occasion)
        return Response(status: .ok)
    }
}
