private import GatehouseEncoding
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import NIOCore

/// Where resource servers follow what changes access: as a stream of events, or by asking again and
/// again.
struct ChangesEndpoint: Sendable {
    let gatehouse: Gatehouse

    /// How long a stream is silent at most.
    private static let heartbeat = Lifetime.seconds(15)

    func answer(_ request: Request, _ context: TenantContext) async throws -> Response {
        do {
            let query = try request.queryParameters()
            guard !query.contains(.accessToken) else {
                throw OAuthError(.invalidRequest, "An access token must not stand in the query.")
            }
            guard
                let token = try PresentedToken(
                    authorization: request.headers[values: .authorization], form: nil)
            else { return TokenChallenge.answer(nil, isDPoP: false) }
            let follower = try await gatehouse.changeFeed.follow.admit(
                token, ProofPresentation(request, context), of: context.tenant,
                through: context.issuer, at: context.occasion.now)
            let asked = try ChangesRequest(
                query, accept: request.headers[values: .accept],
                lastEventID: request.headers[values: .known("Last-Event-ID")])
            return try await answer(asked, to: follower, context)
        } catch let error as OAuthError {
            return try await gatehouse.challenge(error, to: request, context)
        }
    }

    private func answer(
        _ asked: ChangesRequest, to follower: Follower, _ context: TenantContext
    ) async throws -> Response {
        var position = ChangePosition.beginning
        if let cursor = asked.cursor {
            guard let parsed = ChangePosition(parsing: cursor) else {
                throw OAuthError(.invalidRequest, "This is no cursor of the change feed.")
            }
            position = parsed
        }
        let following: Following
        do throws(ChangeFeed.Refusal) {
            following = try gatehouse.changeFeed.begin(follower)
        } catch {
            return Self.refusal(error, context)
        }
        let beginning = try await following.beginning(after: position)
        let now = context.occasion.now
        guard asked.isStream else {
            return try await Self.page(from: beginning, asked, following, at: now)
        }
        return Self.stream(from: beginning, following, at: now)
    }

    private static func refusal(
        _ refusal: ChangeFeed.Refusal, _ context: TenantContext
    ) -> Response {
        let (error, status): (OAuthError, HTTPResponse.Status) =
            switch refusal {
            case .tooManyOfClient:
                (
                    OAuthError(.temporarilyUnavailable, "The client follows too often already."),
                    .tooManyRequests
                )
            case .full:
                (
                    OAuthError(.temporarilyUnavailable, "Nobody more can follow here now."),
                    .serviceUnavailable
                )
            }
        return OAuthErrorAnswer(context).answer(error, status: status).retryable(after: 5)
    }

    // MARK: One answer

    private static func page(
        from beginning: Following.Beginning, _ asked: ChangesRequest, _ following: Following,
        at now: Timestamp
    ) async throws -> Response {
        switch beginning {
        case .reset(let position):
            var json = position.reset(at: now)
            json.add("error", "cursor_expired")
            return .json(json.serialized(), status: .gone)
        case .at(let position):
            let news = try await following.next(
                after: position, at: now, until: now + .seconds(asked.wait))
            var changes: [ToldChange] = []
            if case .changes(let found) = news { changes = found }
            let json = JSONObject([
                ("changes", .array(changes.map { .object($0.shown) })),
                ("next", .string((changes.last?.position ?? position).text)),
            ])
            return .json(json.serialized())
        }
    }

    // MARK: A stream

    private static func stream(
        from beginning: Following.Beginning, _ following: Following, at now: Timestamp
    ) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = "text/event-stream"
        // Proxies that store up would keep from the client what it waits for.
        headers[.known("X-Accel-Buffering")] = "no"
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                try await write(from: beginning, following, at: now, to: &writer)
                try await writer.finish(nil)
            })
    }

    @concurrent private static func write(
        from beginning: Following.Beginning, _ following: Following, at start: Timestamp,
        to writer: inout any ResponseBodyWriter
    ) async throws {
        var (now, position, isCurrent) = (start, ChangePosition.beginning, false)
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        switch beginning {
        case .at(let kept): position = kept
        case .reset(let newest):
            position = newest
            try await writer.write(event("reset", newest, newest.reset(at: now)))
        }
        while !Task.isCancelled {
            // Until the first time that there is nothing, it is only asked, and not waited for.
            let deadline = isCurrent ? now + heartbeat : now
            switch try await following.next(after: position, at: now, until: deadline) {
            case .changes(let changes):
                var buffer = ByteBuffer()
                for change in changes {
                    buffer.writeImmutableBuffer(event("change", change.position, change.shown))
                }
                try await writer.write(buffer)
                position = changes.last?.position ?? position
                now = max(now, changes.last?.toldAt ?? now)
            case .idle(let time):
                now = time
                let isFirst = !isCurrent
                isCurrent = true
                try await writer.write(
                    isFirst ? event("current", position, JSONObject([])) : comment)
            case .over:
                return
            }
        }
    }

    /// What keeps a connection alive and says nothing.
    private static let comment = ByteBuffer(string: ":\n\n")

    private static func event(
        _ name: String, _ position: ChangePosition, _ json: JSONObject
    ) -> ByteBuffer {
        let data = String(decoding: json.serialized(), as: UTF8.self)
        return ByteBuffer(
            string: "id: \(position.text)\nevent: \(name)\ndata: \(data)\n\n")
    }
}

extension ChangePosition {
    /// What is said to whoever cannot go on from where they were.
    fileprivate func reset(at now: Timestamp) -> JSONObject {
        JSONObject([("next", .string(text)), ("issued_until", .integer(now.seconds + 1))])
    }
}

extension ToldChange {
    /// The change as it is told; only what is named has to fit.
    fileprivate var shown: JSONObject {
        var json = JSONObject([
            ("id", .string(position.text)), ("kind", .string(kind.rawValue)),
            ("issued_until", .integer(issuedUntil)),
        ])
        if let subjects { json.add("subjects", .array(subjects.map { .string($0) })) }
        if let organization { json.add("organization", .string(organization)) }
        if let clientID { json.add("client_id", .string(clientID.text)) }
        if !grants.isEmpty { json.add("grants", .array(grants.map { .string($0) })) }
        if let tokenID { json.add("jti", .string(tokenID)) }
        if let audience { json.add("audience", .string(audience)) }
        return json
    }
}
