import GatehouseProtocol
import NIOCore
import NIOHTTP1

/// Which requests are refused, before anything is done for them, when there are more than can be
/// answered.
///
/// A refusal costs a tenth of a token. With it, most of what the machine can do is still done in
/// time; without it everything would be answered, and too late for anybody.
enum Overload {
    /// What applications and checkers of tokens wait for goes first: a person can try again, and
    /// much hangs on an application that cannot go on.
    private enum Patience {
        static let people = Pace.healthyRound
        static let programs = TimeAmount.milliseconds(150)
    }

    /// Whether a request is refused where the event loop is so far behind.
    static func refuses(_ head: HTTPRequestHead, at lag: TimeAmount) -> Bool {
        guard lag > Patience.people else { return false }
        let path = head.uri.utf8.prefix { $0 != UInt8(ascii: "?") }
        // A probe that got 503 would have the node taken away, and the others do its work as well.
        if HealthRoutes.isProbe(path) { return false }
        return lag > Patience.programs || !isForPrograms(path)
    }

    private static func isForPrograms(_ path: Substring.UTF8View) -> Bool {
        path.starts(with: "/.well-known/".utf8)
            || programPaths.contains { path.suffix($0.utf8.count).elementsEqual($0.utf8) }
    }

    /// What is no page: metadata, keys, tokens and what is asked with them.
    private static let programPaths = Endpoint.allCases
        .filter {
            ![
                .authorization, .endSession, .deviceVerification, .approvals, .applications,
                .organizations, .invitation,
            ].contains($0)
        }
        .flatMap(\.paths)

    /// The answer: come again in a moment.
    static let refusal: HTTPResponseHead = {
        var head = HTTPResponseHead(
            version: .http1_1, status: .serviceUnavailable, headers: Refusal.safeHeaders)
        head.headers.add(name: "retry-after", value: "1")
        head.headers.add(name: "content-type", value: "application/json")
        head.headers.add(name: "content-length", value: String(body.readableBytes))
        return head
    }()

    /// The words of RFC 6749 §4.1.2.1 for it, which programs know.
    static let body = ByteBuffer(string: #"{"error":"temporarily_unavailable"}"#)
}
