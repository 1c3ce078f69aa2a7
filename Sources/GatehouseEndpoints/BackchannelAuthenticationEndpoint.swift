import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The backchannel authentication endpoint (OpenID Connect CIBA Core §7).
struct BackchannelAuthenticationEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.client(of: request, form, context)
        let response = try await gatehouse.beginBackchannelAuthentication.begin(
            BackchannelAuthenticationRequest(form), by: client, of: context.tenant,
            through: context.issuer, on: context.occasion)
        return .json(response.serialized())
    }
}
