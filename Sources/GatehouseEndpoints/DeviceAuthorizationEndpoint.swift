import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The device authorization endpoint (RFC 8628 §3.1).
struct DeviceAuthorizationEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.client(of: request, form, context)
        let response = try await gatehouse.beginDeviceAuthorization.begin(
            DeviceAuthorizationRequest(form), by: client, of: context.tenant,
            through: context.issuer, on: context.occasion)
        return .json(response.serialized())
    }
}
