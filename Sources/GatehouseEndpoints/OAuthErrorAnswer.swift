private import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// Turns what went wrong into what a client understands: RFC 6749 §5.2 at the endpoints that a
/// client calls, and nothing about how we work inside.
struct OAuthErrorAnswer: RouterMiddleware {
    func handle(
        _ request: Request, context: TenantContext,
        next: @concurrent (Request, TenantContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try Self.answer(error, context)
        }
    }

    static func answer(_ error: any Error, _ context: TenantContext) throws -> Response {
        switch Failure(error) {
        case .refused(let refusal):
            context.logger.info("refused", metadata: ["error": .string(refusal.code.rawValue)])
            return response(refusal, context)
        case .unreadable:
            return response(
                OAuthError(.invalidRequest, "The request is not a well-formed form."), context)
        case .tooLarge:
            return response(
                OAuthError(.invalidRequest, "The request is too large."), context,
                status: .contentTooLarge)
        case .temporary(let seconds, let reason):
            context.logger.warning("unavailable", metadata: ["reason": .string(reason)])
            return response(
                OAuthError(.temporarilyUnavailable, "The server is busy; try again."), context,
                status: .serviceUnavailable
            ).retryable(after: seconds)
        case .http(let error):
            throw error
        case .fault(let description):
            context.logger.error("failed", metadata: ["error": .string(description)])
            return response(
                OAuthError(.serverError, "The server failed."), context,
                status: .internalServerError)
        }
    }

    private static func response(
        _ error: OAuthError, _ context: TenantContext, status: HTTPResponse.Status? = nil
    ) -> Response {
        let body = JSONWriter.object { json in
            json.add("error", error.code.rawValue)
            json.add("error_description", error.description.description)
            json.add("incident", context.occasion.requestID)
        }
        var headers = HTTPFields()
        if error.code == .invalidClient {
            headers[.wwwAuthenticate] = "Basic realm=\"\(context.tenant.slug.text)\""
        }
        return .json(
            body, status: status ?? (error.code == .invalidClient ? .unauthorized : .badRequest),
            headers: headers)
    }
}
