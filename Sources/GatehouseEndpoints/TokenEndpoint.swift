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
        let client = try await gatehouse.clientAuthenticator.authenticate(
            ClientAuthentication(
                authorization: request.headers[values: .authorization], form: form),
            of: context.tenant, at: context.occasion.now)
        let response = try await issue(TokenRequest(form), to: client, context)
        return .json(
            response.serialized(),
            headers: client.crossOriginHeaders(for: request.headers[values: .origin]))
    }

    private func issue(
        _ request: TokenRequest, to client: Client, _ context: TenantContext
    ) async throws -> TokenResponse {
        switch request {
        case .authorizationCode(let request):
            try await gatehouse.authorizationCodeGrant.redeem(
                request, by: client, of: context.tenant, on: context.occasion)
        case .refreshToken(let request):
            try await gatehouse.refreshTokenGrant.redeem(
                request, by: client, of: context.tenant, on: context.occasion)
        case .clientCredentials(let request):
            try await gatehouse.clientCredentialsGrant.issue(
                request, to: client, of: context.tenant, through: context.issuer,
                on: context.occasion)
        }
    }
}

extension Client {
    /// Lets a page of the client read the answer (WHATWG Fetch §3.2), if the client runs in
    /// browsers and the page is of an origin that it registered, byte for byte.
    ///
    /// Cookies are never part of it.
    func crossOriginHeaders(for origins: [String]) -> HTTPFields {
        var headers = HTTPFields()
        guard kind == .spa, origins.count == 1, let origin = origins.first else { return headers }
        headers[.vary] = "Origin"
        if redirectURIs.contains(where: { $0.formTarget.utf8.elementsEqual(origin.utf8) }) {
            headers[.accessControlAllowOrigin] = origin
        }
        return headers
    }
}
