import GatehouseWeb
import HTTPTypes
import Hummingbird

/// Keeps HEAD from pages that do something when they are asked for: link checkers and mail scanners
/// send it, and must not spend or start anything.
struct RefuseHead: RouterMiddleware {
    func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        guard request.method != .head else {
            return Response(status: .methodNotAllowed, headers: [.allow: "GET, POST"])
        }
        return try await next(request, context)
    }
}
