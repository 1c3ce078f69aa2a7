import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// One request to the admin API whose sender is known.
struct AdminCall: Sendable {
    let api: AdminAPI
    let endpoint: AdminEndpoint
    let key: AdministratorKey
    let occasion: Occasion

    /// Does it, once if it says how it is called.
    func answer(_ request: Request, _ context: EdgeContext) async throws -> AdminAnswer {
        let path = try path(context)
        let access = try await AdminAccess(
            for: key.administrator, at: path.first { $0.name == "tenant" }?.value,
            of: api.gatehouse)
        try access.check(endpoint)
        let body = try await body(of: request)
        let arguments = try AdminArguments(
            endpoint, path: path, query: try request.queryParameters(), body: body)
        guard let repeatable = try repeatable(request, body) else {
            return try await perform(arguments, request.headers)
        }
        switch try await api.gatehouse.answerOnce.begin(repeatable, at: occasion.now) {
        case .answered(let answer): return AdminAnswer(again: answer)
        case .unanswered:
            throw Problem(.requestUnanswered, Problem.Code.requestUnanswered.title)
        case .differs:
            throw Problem(.idempotencyKeyReused, Problem.Code.idempotencyKeyReused.title)
        case .first: return await performOnce(repeatable, arguments, request.headers, context)
        }
    }

    /// Does what was claimed, and keeps the answer; where nothing can have been done the claim goes.
    ///
    /// Where the answer cannot be kept the claim stays: sent again, the request is not done again.
    private func performOnce(
        _ repeatable: RepeatableRequest, _ arguments: AdminArguments, _ headers: HTTPFields,
        _ context: EdgeContext
    ) async -> AdminAnswer {
        let once = api.gatehouse.answerOnce
        let answer: AdminAnswer
        var mayComeAgain = false
        do {
            answer = try await perform(arguments, headers)
        } catch {
            let problem = api.problem(error, at: endpoint, context)
            answer = problem.answer(base: api.addresses.base, requestID: occasion.requestID)
            mayComeAgain =
                problem.isTemporary
                && (error is OperationError || !AnswerOnce.mayHaveBeenDone(error))
        }
        do {
            if mayComeAgain {
                try await once.forget(repeatable)
            } else if answer.status.kind != .serverError {
                try await once.end(repeatable, with: answer.kept)
            }
        } catch {
            context.logger.warning(
                "answer not kept", metadata: ["reason": .string(String(reflecting: error))])
        }
        return answer
    }

    // MARK: What it says

    private func path(_ context: EdgeContext) throws -> [(name: String, value: String)] {
        try endpoint.placeholders.map { name in
            guard let raw = context.parameters.get(name),
                let value = PathSegment.decoded(raw)
            else { throw Problem(.malformed, "The path cannot be read.") }
            return (name, value)
        }
    }

    private func body(of request: Request) async throws -> [UInt8]? {
        let isAnnounced =
            request.headers[.contentType] != nil
            || request.headers[.contentLength].map { $0 != "0" } ?? false
        guard endpoint.takesBody || isAnnounced else { return nil }
        guard endpoint.method != .get else {
            throw Problem(.malformed, "This request has no body.")
        }
        return try await request.bodyBytes(as: .json, upTo: BodyLimit.document)
    }

    /// The request as one that may be sent again; nil if it does not say how it is called.
    private func repeatable(_ request: Request, _ body: [UInt8]?) throws -> RepeatableRequest? {
        let names = request.headers[values: .known("Idempotency-Key")]
        guard endpoint.method == .post, let name = names.first else { return nil }
        guard names.count == 1, (1...RepeatableRequest.longestName).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else {
            throw Problem(
                .malformed, "An idempotency key has 1 to 255 visible ASCII characters.")
        }
        let content = Array("\(endpoint.operation.rawValue) \(request.head.path ?? "")\n".utf8)
        return RepeatableRequest(of: key, called: name, content + (body ?? []))
    }

    /// The revisions that a change may find; nil if it takes whatever there is.
    private func expected(_ headers: HTTPFields) throws -> Set<Revision>? {
        let lines = headers[values: .ifMatch]
        guard !lines.isEmpty, lines != ["*"] else { return nil }
        guard endpoint.isRevised else {
            throw Problem(.malformed, "If-Match is for changes of what has an ETag.")
        }
        return Set(lines.flatMap { Revision.list(in: $0) })
    }

    // MARK: Doing it

    private func perform(
        _ arguments: AdminArguments, _ headers: HTTPFields
    ) async throws -> AdminAnswer {
        let setting = Operation.Setting(
            gatehouse: arguments.isRehearsal ? api.gatehouse.rehearsal : api.gatehouse,
            addresses: api.addresses, facts: api.facts, occasion: occasion,
            administrator: key.administrator,
            expected: try expected(headers))
        let cursor = PageCursor(api.gatehouse.instanceKey, for: key, list: arguments)
        var values: [(String, JSONValue?)] = arguments.values.map { ($0.name, $0.value) }
        if endpoint.isPaged {
            // One more than is shown, so that it is known whether there is another page.
            values.append(("limit", .integer(Int64(arguments.limit + 1))))
            values.append(("after", try arguments.cursor.map { .string(try cursor.place($0)) }))
        }
        let manager = headers[.known(AdminRequest.managerHeader)].flatMap(Slug.init(parsing:))
        let result = try await Operation(endpoint.operation, values, for: manager)
            .perform(in: setting)
        var answer = try shown(
            result, arguments, cursor, headers, goingOnAfter: setting.warnings.continuation)
        if arguments.isRehearsal { answer.headers[.known("Gatehouse-Dry-Run")] = "true" }
        if let warnings = setting.warnings.headerValue {
            answer.headers[.known("Gatehouse-Warnings")] = warnings
        }
        return answer
    }

    private func shown(
        _ result: JSONValue, _ arguments: AdminArguments, _ cursor: PageCursor,
        _ headers: HTTPFields, goingOnAfter place: String?
    ) throws -> AdminAnswer {
        switch endpoint.answer {
        case .new: return AdminAnswer(status: .created, body: result.serialized())
        case .gone: return AdminAnswer(status: .ok, body: result.serialized())
        case .page(_, let paging):
            return try page(result.array ?? [], paging, arguments, cursor, goingOnAfter: place)
        case .one:
            var answer = AdminAnswer(status: .ok, body: result.serialized())
            guard endpoint.isRevised else { return answer }
            let revision = Revision(of: result)
            answer.headers[.eTag] = revision.tag
            let known = headers[values: .ifNoneMatch].flatMap { Revision.list(in: $0) }
            if endpoint.method == .get, known.contains(revision) { answer.status = .notModified }
            return answer
        }
    }

    private func page(
        _ items: [JSONValue], _ paging: AdminEndpoint.Paging, _ arguments: AdminArguments,
        _ cursor: PageCursor, goingOnAfter place: String?
    ) throws -> AdminAnswer {
        var (shown, next) = (items, JSONValue.null)
        if let place { next = .string(try cursor.text(after: place)) }
        if case .after(let member) = paging, items.count > arguments.limit {
            shown = Array(items.prefix(arguments.limit))
            next =
                try shown.last?[member]?.string
                .map { .string(try cursor.text(after: $0)) } ?? .null
        }
        let page = JSONObject([("items", .array(shown)), ("next_cursor", next)])
        return AdminAnswer(status: .ok, body: page.serialized())
    }
}
