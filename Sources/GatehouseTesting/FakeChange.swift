private import Crypto
private import GatehouseClient
private import GatehouseEncoding
private import HTTPTypes
internal import Hummingbird
private import NIOCore

/// What a ``FakeIssuer`` tells in its change feed; a token is meant if it has all that is named.
public struct FakeChange: Sendable {
    /// What happened, such as `membership`.
    public var kind: String
    /// Whom it is about: `sub`.
    public var subject: String?
    /// Which organization; `*` for any.
    public var organization: String?
    /// Which client.
    public var clientID: String?
    /// Which token.
    public var tokenID: String?
    /// Until when tokens are meant, in seconds since 1970; nil for now.
    public var issuedUntil: Int64?

    /// Makes a change of which everything else is to be said.
    public init(_ kind: String) {
        self.kind = kind
    }

    func serialized(now: Int64) -> String {
        let bytes = JSONWriter.object { json in
            json.add("kind", kind)
            json.add("issued_until", issuedUntil ?? now)
            if let subject {
                let digest = SHA256.hash(data: Array(subject.utf8))
                json.add("subjects", [Base64URL.encode(Array(digest))])
            }
            if let organization { json.add("organization", organization) }
            if let clientID { json.add("client_id", clientID) }
            if let tokenID { json.add("jti", tokenID) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension FakeIssuer {
    /// Tells of a change.
    public func tell(_ change: FakeChange) {
        var told = change
        told.issuedUntil = told.issuedUntil ?? clock.time
        self.change { $0.changes.append(told) }
    }

    /// From where each follower went on, in their order; nil for the beginning.
    public var cursors: [String?] { change { $0.cursors } }

    /// The change feed, as right as the issuer behaves.
    func changeFeed(after cursor: String?) -> Response {
        let misbehavior = change { state in
            state.cursors.append(cursor)
            return state.misbehavior
        }
        switch misbehavior {
        case .closedFeed: return Response(status: .forbidden)
        case .feedOfAnotherKind: return .document(Array("{}".utf8))
        case .slowFeed: return Self.events(Self.dripping(pause: .milliseconds(20), bytes: 1))
        case .endlessLine: return Self.events(Self.dripping(pause: .zero, bytes: 64 * 1024))
        default: break
        }
        let start = misbehavior == .feedGoesBack ? 0 : cursor.flatMap { Int($0) } ?? 0
        return Self.events(
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await self.write(misbehavior, after: start, to: &writer)
                    try await writer.finish(nil)
                }))
    }

    private static func events(_ response: Response) -> Response {
        var response = response
        response.headers[.contentType] = "text/event-stream"
        return response
    }

    @concurrent private func write(
        _ misbehavior: Misbehavior?, after start: Int, to writer: inout any ResponseBodyWriter
    ) async throws {
        var told = start
        try await writer.write(ByteBuffer(string: opening(misbehavior)))
        guard misbehavior != .shortFeed else { return }
        var isCurrent = false
        while !Task.isCancelled {
            let changes = change { $0.changes }
            while told < changes.count {
                let data = changes[told].serialized(now: clock.time)
                told += 1
                try await writer.write(
                    ByteBuffer(string: "id: \(told)\nevent: change\ndata: \(data)\n\n"))
            }
            try await writer.write(
                ByteBuffer(string: isCurrent ? ":\n\n" : "event: current\ndata: {}\n\n"))
            isCurrent = true
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// What comes first: nothing that matters, or what no follower should believe.
    private func opening(_ misbehavior: Misbehavior?) -> String {
        let event = "event: change\ndata: "
        return switch misbehavior {
        case .hugeEvent: event + String(repeating: "a", count: 1_000_000) + "\n\n"
        case .unreadableEvent: event + "[\n\n"
        case .changeFromTheFuture:
            event + #"{"kind":"tenant","issued_until":\#(clock.time + 86_400)}"# + "\n\n"
        case .feedReset: "event: reset\ndata: {\"issued_until\":\(clock.time)}\n\n"
        default: "retry: 1000\n\n"
        }
    }
}
