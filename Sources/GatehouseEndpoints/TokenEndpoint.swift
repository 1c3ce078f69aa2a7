import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The token endpoint (RFC 6749 §3.2).
struct TokenEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.authenticateClient.authenticate(
            ClientAuthentication(
                authorization: request.headers[values: .authorization], form: form),
            of: context.tenant, on: context.occasion)
        let response = try await issue(TokenRequest(form), to: client, context)
        return .json(response.serialized())
    }

    private func issue(
        _ request: TokenRequest, to client: Client, _ context: TenantContext
    ) async throws -> TokenResponse {
        switch request {
        case .authorizationCode(let request):
            try await gatehouse.authorizationCodeGrant.redeem(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .refreshToken(let request):
            try await gatehouse.refreshTokenGrant.redeem(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .deviceCode(let request):
            try await gatehouse.deviceCodeGrant.redeem(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .clientCredentials(let request):
            try await gatehouse.clientCredentialsGrant.issue(
                request, to: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        }
    }
}
