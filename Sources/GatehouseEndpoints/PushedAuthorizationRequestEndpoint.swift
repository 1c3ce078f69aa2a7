import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// The pushed authorization request endpoint (RFC 9126 §2).
///
/// Clients authenticate as they do at the token endpoint; public ones say who they are.
struct PushedAuthorizationRequestEndpoint: Sendable {
    let gatehouse: Gatehouse

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        let form = try await request.formParameters(upTo: BodyLimit.pushedRequest)
        let client = try await gatehouse.client(of: request, form, context)
        do {
            let proof = try gatehouse.checkPossession.announcedKey(
                in: ProofPresentation(request, context), of: client, at: context.tenant.id,
                at: context.occasion.now)
            return Self.answer(
                try await gatehouse.pushAuthorizationRequest.push(
                    form, with: proof, by: client, of: context.tenant, through: context.issuer,
                    on: context.occasion))
        } catch let error as OAuthError where error.code == .useDPoPNonce {
            return OAuthErrorAnswer(context).answer(error)
                .offering(nonce: gatehouse.dpopNonce(context))
        }
    }

    private static func answer(_ receipt: PushAuthorizationRequest.Receipt) -> Response {
        let body = JSONWriter.object { json in
            json.add("request_uri", receipt.requestURI)
            json.add("expires_in", receipt.expiresIn)
        }
        return .json(body, status: .created)
    }
}
