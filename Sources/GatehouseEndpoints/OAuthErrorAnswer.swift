private import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// Turns what went wrong into what a client understands.
///
/// That is RFC 6749 §5.2 at the endpoints that a client calls, and nothing about how we work
/// inside. What an endpoint throws is answered here.
struct OAuthErrorAnswer: RouterMiddleware {
    func handle(
        _ request: Request, context: TenantContext,
        next: @concurrent (Request, TenantContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try OAuthFailure(
                requestID: context.occasion.requestID, realm: context.tenant.slug.text,
                logger: context.logger
            ).answer(error)
        }
    }
}

/// Answers alike where not even the tenant could be looked up.
struct UnresolvedTenantAnswer: RouterMiddleware {
    func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try OAuthFailure(
                requestID: context.requestID, realm: "", logger: context.logger
            ).answer(error)
        }
    }
}

/// An error on its way to a client.
private struct OAuthFailure {
    let requestID: String
    let realm: String
    let logger: Logger

    func answer(_ error: any Error) throws -> Response {
        switch Failure(error) {
        case .refused(let refusal):
            logger.info("refused", metadata: ["error": .string(refusal.code.rawValue)])
            return response(refusal)
        case .unreadable:
            return response(
                OAuthError(.invalidRequest, "The request is not a well-formed form."))
        case .tooLarge:
            return response(
                OAuthError(.invalidRequest, "The request is too large."), status: .contentTooLarge)
        case .temporary(let seconds, let reason):
            logger.warning("unavailable", metadata: ["reason": .string(reason)])
            return response(
                OAuthError(.temporarilyUnavailable, "The server is busy; try again."),
                status: .serviceUnavailable
            ).retryable(after: seconds)
        case .limited(let seconds, let limit):
            logger.info("refused", metadata: ["limit": .string(limit)])
            return response(
                OAuthError(.temporarilyUnavailable, "This failed too often; try again later."),
                status: .tooManyRequests
            ).retryable(after: seconds)
        case .http(let error):
            throw error
        case .fault(let description):
            logger.error("failed", metadata: ["error": .string(description)])
            return response(
                OAuthError(.serverError, "The server failed."), status: .internalServerError)
        }
    }

    private func response(
        _ error: OAuthError, status: HTTPResponse.Status? = nil
    ) -> Response {
        let body = JSONWriter.object { json in
            json.add("error", error.code.rawValue)
            json.add("error_description", error.description.description)
            json.add("incident", requestID)
        }
        var headers = HTTPFields()
        if error.code == .invalidClient {
            headers[.wwwAuthenticate] = "Basic realm=\"\(realm)\""
        }
        return .json(
            body, status: status ?? (error.code == .invalidClient ? .unauthorized : .badRequest),
            headers: headers)
    }
}
