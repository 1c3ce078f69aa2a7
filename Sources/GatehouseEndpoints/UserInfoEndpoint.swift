private import GatehouseJOSE
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// The userinfo endpoint (OpenID Connect Core §5.3), by GET or POST.
struct UserInfoEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        do {
            return try await answerToToken(request, context)
        } catch let error as OAuthError {
            return try await gatehouse.challenge(error, to: request, context)
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
            let token = try PresentedToken(
                authorization: request.headers[values: .authorization], form: form)
        else { return TokenChallenge.answer(nil, isDPoP: false) }
        let (userInfo, client, nonce) = try await gatehouse.accessTokenVerifier.userInfo(
            token, ProofPresentation(request, context), of: context.tenant,
            through: context.issuer, at: context.occasion.now)
        let answer = try await answer(userInfo, for: client, context)
        return answer.offering(nonce: nonce)
    }

    /// The claims as JSON, or signed where the client is registered for that (OpenID Connect Core
    /// §5.3.2).
    private func answer(
        _ userInfo: UserInfo, for client: Client, _ context: TenantContext
    ) async throws -> Response {
        guard let algorithm = client.policies.userInfoAlgorithm else {
            return .json(userInfo.serialized())
        }
        let now = context.occasion.now
        let keys = try await gatehouse.registry.keys(of: context.tenant.id, at: now)
        let token = try keys.signer(algorithm, for: .jwt, at: now)
            .sign(userInfo.claims(issuer: context.issuer, audience: client.id.text))
        var headers = HTTPFields()
        headers[.contentType] = "application/jwt"
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: token))
        )
    }
}
