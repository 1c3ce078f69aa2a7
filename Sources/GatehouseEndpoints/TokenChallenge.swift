import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// What is answered at a protected resource of ours to whoever brings no access token, or none that
/// is good there.
enum TokenChallenge {
    /// The challenges of RFC 6750 §3 and RFC 9449 §7.1: first that of the scheme that was used, with
    /// the error; without one where the request carried no token at all.
    static func answer(_ error: OAuthError?, isDPoP: Bool) -> Response {
        var challenges = ["Bearer", #"DPoP algs="\#(algorithms)""#]
        var status = HTTPResponse.Status.unauthorized
        if let error {
            let reason = """
                error="\(error.code.rawValue)", error_description="\(error.description)"
                """
            challenges =
                isDPoP
                ? [#"DPoP \#(reason), algs="\#(algorithms)""#]
                : ["Bearer " + reason, challenges[1]]
            switch error.code {
            case .insufficientScope: status = .forbidden
            case .invalidRequest: status = .badRequest
            default: break
            }
        }
        var headers = HTTPFields()
        for challenge in challenges {
            headers.append(HTTPField(name: .wwwAuthenticate, value: challenge))
        }
        return Response(status: status, headers: headers)
    }

    private static let algorithms = CheckDPoPProof.algorithms.joined(separator: " ")
}

extension Gatehouse {
    /// Answers what is wrong with an access token, and counts one that was not issued here.
    func challenge(
        _ error: OAuthError, to request: Request, _ context: TenantContext
    ) async throws -> Response {
        if error == AccessTokenVerifier.foreign {
            try await failureLimits.count(
                .accessToken, of: context.tenant.id, on: context.occasion)
        }
        let isDPoP = request.headers[values: .authorization].first.map(PresentedToken.isDPoP)
        return TokenChallenge.answer(error, isDPoP: isDPoP ?? false)
            .offering(nonce: error.code == .useDPoPNonce ? dpopNonce(context) : nil)
    }
}
