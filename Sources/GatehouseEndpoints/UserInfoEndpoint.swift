import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The userinfo endpoint (OpenID Connect Core §5.3), by GET or POST.
struct UserInfoEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        do {
            return try await answerToToken(request, context)
        } catch let error as OAuthError {
            if error == AccessTokenVerifier.foreign {
                try await gatehouse.failureLimits.count(
                    .accessToken, of: context.tenant.id, on: context.occasion)
            }
            return Self.challenge(error)
        }
    }

    private func answerToToken(
        _ request: Request, _ context: TenantContext
    ) async throws -> Response {
        // A body of another kind holds no token, so it is nothing to us.
        let hasForm = request.method == .post && request.hasFormBody
        let form = hasForm ? try await request.formParameters() : nil
        guard try !request.queryParameters().contains(.accessToken) else {
            throw OAuthError(.invalidRequest, "An access token must not stand in the query.")
        }
        guard
            let token = try BearerToken(
                authorization: request.headers[values: .authorization], form: form)
        else { return Self.challenge(nil) }
        let userInfo = try await gatehouse.accessTokenVerifier.userInfo(
            token.text, of: context.tenant, through: context.issuer, at: context.occasion.now)
        return .json(userInfo.serialized())
    }

    /// The challenge of RFC 6750 §3; without an error where the request carried no token at all.
    private static func challenge(_ error: OAuthError?) -> Response {
        var headers = HTTPFields()
        guard let error else {
            headers[.wwwAuthenticate] = "Bearer"
            return Response(status: .unauthorized, headers: headers)
        }
        headers[.wwwAuthenticate] = """
            Bearer error="\(error.code.rawValue)", error_description="\(error.description)"
            """
        let status: HTTPResponse.Status =
            switch error.code {
            case .insufficientScope: .forbidden
            case .invalidRequest: .badRequest
            default: .unauthorized
            }
        return Response(status: status, headers: headers)
    }
}
