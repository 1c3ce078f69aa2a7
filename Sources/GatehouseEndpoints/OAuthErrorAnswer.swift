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
struct OAuthErrorAnswer {
    private let requestID: String
    private let realm: String
    private let logger: Logger

    init(_ context: TenantContext) {
        requestID = context.occasion.requestID
        realm = context.tenant.slug.text
        logger = context.logger
    }

    /// Where not even the tenant could be looked up.
    init(_ context: EdgeContext) {
        (requestID, realm, logger) = (context.requestID, "", context.logger)
    }

    /// Answers an error whose status its endpoint knows.
    func answer(_ error: OAuthError, status: HTTPResponse.Status) -> Response {
        logger.info("refused", metadata: ["error": .string(error.code.rawValue)])
        return response(error, status: status)
    }

    func answer(_ error: any Error) -> Response {
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
            return UnexpectedErrors.answer(error.status, headers: error.headers)
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
