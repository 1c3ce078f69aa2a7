package import HTTPTypes
package import Hummingbird
import Logging
import NIOCore

/// The last resort for errors that no surface turned into an answer.
///
/// The client gets a status and the id of the incident; what happened is logged under that id.
package struct UnexpectedErrors: RouterMiddleware {
    /// Answers, whatever is thrown.
    ///
    /// Inside the router, which would else tell the client the message of an `HTTPError` itself.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Self.answer(error, context)
        }
    }

    /// The answer to whatever was thrown.
    package static func answer(_ error: any Error, _ context: EdgeContext) -> Response {
        if let error = error as? RequestBodyError { return answer(error.status) }
        return answer(Failure(error), context)
    }

    private static func answer(_ failure: Failure, _ context: EdgeContext) -> Response {
        switch failure {
        case .http(let error):
            // Its message may repeat what the client sent, so it stays here.
            return answer(error.status, headers: error.headers)
        case .unreadable, .refused:
            return answer(.badRequest)
        case .tooLarge:
            return answer(.contentTooLarge)
        case .temporary(let seconds, let reason):
            context.logger.warning("unavailable", metadata: ["reason": .string(reason)])
            return answer(
                .serviceUnavailable, text: "We cannot answer just now. Try again in a moment."
            ).retryable(after: seconds)
        case .limited(let seconds, let limit):
            context.logger.info("refused", metadata: ["limit": .string(limit)])
            return answer(
                .tooManyRequests, text: "This was tried too often. Try again later."
            ).retryable(after: seconds)
        case .fault(let description):
            context.logger.error(
                "unexpected error", metadata: ["error": .string(description)])
            return answer(
                .internalServerError, text: "Something went wrong. Incident \(context.requestID).")
        }
    }

    /// A plain answer that says what its status says.
    package static func answer(
        _ status: HTTPResponse.Status, headers: HTTPFields = [:], text: String? = nil
    ) -> Response {
        var headers = headers
        headers[.contentType] = "text/plain; charset=utf-8"
        let text = text ?? "\(status.code) \(status.reasonPhrase)"
        let body = ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        return Response(status: status, headers: headers, body: body)
    }
}

extension RequestBodyError {
    /// The status that says what is wrong with the body (RFC 9110 §15.5).
    package var status: HTTPResponse.Status {
        switch self {
        case .unsupportedMediaType: .unsupportedMediaType
        case .tooLarge: .contentTooLarge
        case .incomplete: .badRequest
        }
    }
}
