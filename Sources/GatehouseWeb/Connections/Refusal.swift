import NIOHTTP1

/// Why a request is refused before anything of Gatehouse sees it.
///
/// The connection ends with the answer: what follows a malformed request cannot be trusted to
/// be where it seems to be (RFC 9112 §11.2).
struct Refusal: Error, Equatable {
    let status: HTTPResponseStatus
    /// A constant phrase for the log; the client gets the status alone.
    let reason: String

    static func badRequest(_ reason: String) -> Self {
        Self(status: .badRequest, reason: reason)
    }

    init(status: HTTPResponseStatus, reason: String) {
        self.status = status
        self.reason = reason
    }

    /// What the decoder's complaint means for the client.
    init(_ error: HTTPParserError) {
        switch error {
        case .headerOverflow:
            self.init(status: .requestHeaderFieldsTooLarge, reason: "headers too large")
        case .invalidMethod:
            self.init(status: .notImplemented, reason: "unknown method")
        default:
            self.init(status: .badRequest, reason: "malformed message")
        }
    }

    /// The headers that ``SecurityHeaders`` would have set, where they apply to such an answer.
    static let safeHeaders: HTTPHeaders = [
        "cache-control": "no-store", "content-security-policy": SecurityHeaders.policy,
        "x-content-type-options": "nosniff",
    ]

    /// The whole answer: it has no body.
    var head: HTTPResponseHead {
        HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }

    private var headers: HTTPHeaders {
        var headers = Self.safeHeaders
        headers.add(name: "connection", value: "close")
        headers.add(name: "content-length", value: "0")
        // CONNECT names no resource of ours, so nothing is allowed (RFC 9110 §10.2.1).
        if status == .methodNotAllowed { headers.add(name: "allow", value: "") }
        return headers
    }
}
