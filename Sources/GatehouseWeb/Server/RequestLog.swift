import GatehouseProtocol
import HTTPTypes
import Hummingbird
import Logging

/// One line per request, without anything that could be a secret.
///
/// Codes, states, tokens and hints travel in queries, bodies and headers, so none of these is
/// ever logged (RFC 9700 §4.2). The path is.
enum RequestLog {
    /// Tells the operator about an answered request.
    static func write(
        _ request: Request, _ context: EdgeContext, status: HTTPResponse.Status, took: Duration
    ) {
        let level = level(request.uri.path)
        guard level >= context.connectionLogger.logLevel else { return }
        context.logger.log(
            level: level, "request",
            metadata: [
                "method": .string(HTTPMethods.name(request.method)),
                "path": .string(bounded(request.uri.path)),
                "status": .stringConvertible(status.code),
                "duration_ms": .stringConvertible(milliseconds(took)),
                "client": .string(context.clientAddress?.description ?? "local"),
            ])
    }

    private static func level(_ path: String) -> Logger.Level {
        let isQuiet =
            HealthRoutes.isProbe(path.utf8[...])
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
