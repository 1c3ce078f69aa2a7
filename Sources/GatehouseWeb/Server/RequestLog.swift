import GatehouseProtocol
import HTTPTypes
package import Hummingbird
import Logging

/// One line per request, without anything that could be a secret.
///
/// Codes, states, tokens and hints travel in queries, bodies and headers, so none of these is
/// ever logged (RFC 9700 §4.2). The path is.
package struct RequestLog: RouterMiddleware {
    /// Takes nothing: there is no way to make it say more.
    package init() {}

    /// Answers, and tells the operator and (by `X-Request-Id`) the client about it.
    package func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response = try await next(request, context)
        let duration = ContinuousClock.now - start
        response.headers[.xRequestID] = context.requestID
        context.logger.log(
            level: Self.level(request.uri.path), "request",
            metadata: [
                "method": .string(HTTPMethods.name(request.method)),
                "path": .string(Self.bounded(request.uri.path)),
                "status": .stringConvertible(response.status.code),
                "duration_ms": .stringConvertible(Self.milliseconds(duration)),
                "client": .string(context.clientAddress?.description ?? "local"),
            ])
        return response
    }

    private static func level(_ path: String) -> Logger.Level {
        let isQuiet =
            ["/livez", "/readyz"].contains { path.utf8.elementsEqual($0.utf8) }
            || path.utf8.starts(with: "/assets/".utf8)
        return isQuiet ? .debug : .info
    }

    private static func bounded(_ path: String) -> String {
        let limit = 256
        guard path.utf8.count > limit else { return path }
        return String(decoding: path.utf8.prefix(limit), as: UTF8.self) + "…"
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000
            + duration.components.attoseconds / 1_000_000_000_000_000
    }
}
