import GatehouseClient
import GatehouseEncoding
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// A protected API: it tells the bearer of an access token whom the token is about, and everyone
/// else what it wants (RFC 6750 §3).
struct WhoAmI: Sendable {
    let site: DemoSite

    /// Where it answers.
    static let path = "/api/whoami"

    func get(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let presented = ProtectedRequest(
            authorization: request.headers[values: .authorization],
            method: request.method.rawValue, url: site.settings.apiURL)
        do {
            return Self.answer(try await site.provider.verifier().verify(presented).claims)
        } catch let refusal as TokenRefusal {
            guard refusal.reason != .unavailable else { return Self.unavailable }
            return Self.answer(refusal)
        } catch is ClientError {
            return Self.unavailable
        }
    }

    /// Without the keys nothing can be said of the token, neither good nor bad.
    private static var unavailable: Response {
        Response(status: .serviceUnavailable).retryable(after: 5)
    }

    private static func answer(_ claims: Claims) -> Response {
        .json(
            JSONWriter.object { json in
                for name in ["sub", "client_id", "scope", "email", "exp"] {
                    if let value = claims.object[name] { json.add(name, value) }
                }
            })
    }

    /// The challenge, without an error where no token was sent.
    private static func answer(_ refusal: TokenRefusal) -> Response {
        let challenge = refusal.challenge() ?? "Bearer"
        guard let code = refusal.code else {
            return Response(status: .unauthorized, headers: [.wwwAuthenticate: challenge])
        }
        let body = JSONWriter.object { json in
            json.add("error", code)
            json.add("error_description", refusal.detail)
        }
        return .json(
            body, status: .init(code: refusal.status), headers: [.wwwAuthenticate: challenge])
    }
}
