import GatehouseEncoding
import GatehouseJOSE
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// A protected API: it tells the bearer of an access token whom the token is about, and everyone
/// else what it wants (RFC 6750 §3).
struct WhoAmI: Sendable {
    let check: AccessTokenCheck
    /// The time in seconds since 1970.
    let now: @Sendable () -> Int64

    /// Where it answers.
    static let path = "/api/whoami"

    func get(_ request: Request, _ context: EdgeContext) async throws -> Response {
        do {
            let authorization = request.headers[values: .authorization]
            guard let token = try BearerToken(authorization: authorization, form: nil) else {
                return Self.refusal(nil)
            }
            return Self.answer(try await check.claims(of: token.text, at: now()))
        } catch let error as OAuthError {
            return Self.refusal(error)
        } catch is ProblemView.Problem {
            // Without the keys nothing can be said of the token, neither good nor bad.
            return Response(status: .serviceUnavailable).retryable(after: 5)
        }
    }

    private static func answer(_ claims: JWTClaims) -> Response {
        .json(
            JSONWriter.object { json in
                for name in ["sub", "client_id", "scope", "email", "exp"] {
                    if let value = claims.object[name] { json.add(name, value) }
                }
            })
    }

    /// The challenge, without an error where no token was sent.
    private static func refusal(_ error: OAuthError?) -> Response {
        var challenge = "Bearer realm=\"gatehouse-demo\""
        guard let error else {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: challenge])
        }
        challenge += ", error=\"\(error.code.rawValue)\""
        challenge += ", error_description=\"\(error.description)\""
        let body = JSONWriter.object { json in
            json.add("error", error.code.rawValue)
            json.add("error_description", error.description.description)
        }
        return .json(
            body, status: error.code == .invalidRequest ? .badRequest : .unauthorized,
            headers: [.wwwAuthenticate: challenge])
    }
}
