import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// The token endpoint (RFC 6749 §3.2).
struct TokenEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters()
        let client = try await gatehouse.client(of: request, form, context)
        do {
            let proof = try gatehouse.checkPossession.possession(
                in: ProofPresentation(request, context), of: client, at: context.tenant.id,
                at: context.occasion.now)
            let response = try await issue(
                TokenRequest(form, proof: proof), to: client, context)
            if client.isOutgrown(by: response) {
                context.logger.warning(
                    "token longer than a cookie may be",
                    metadata: ["client": .string(client.id.text)])
            }
            let needsNonce =
                proof?.isUsedUp ?? false && client.policies.requiresDPoPNonce
            return .json(response.serialized())
                .offering(nonce: needsNonce ? gatehouse.dpopNonce(context) : nil)
        } catch let error as OAuthError where error.code == .useDPoPNonce {
            return OAuthErrorAnswer(context).answer(error).offering(
                nonce: gatehouse.dpopNonce(context))
        }
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
        case .ciba(let request):
            try await gatehouse.cibaGrant.redeem(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .tokenExchange(let request):
            try await gatehouse.tokenExchangeGrant.exchange(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .jwtBearer(let request):
            try await gatehouse.jwtBearerGrant.redeem(
                request, by: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        case .clientCredentials(let request):
            try await gatehouse.clientCredentialsGrant.issue(
                request, to: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        }
    }
}
