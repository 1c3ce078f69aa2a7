import GatehouseCore
import GatehouseEncoding
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes

/// Why the admin API did not do something, as RFC 9457 tells it.
struct Problem: Error, Sendable {
    let code: Code
    /// What is the matter this time.
    let detail: String
    /// The member of the body that is wrong, as a JSON pointer (RFC 6901), or the parameter of the
    /// query.
    let pointer: String?
    /// After how many seconds it can be tried again.
    let retryAfter: Int?
    /// Which scheme of authentication is wanted (RFC 6750 §3).
    let challenge: String?

    init(
        _ code: Code, _ detail: String, at pointer: String? = nil, retryAfter: Int? = nil,
        challenge: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.retryAfter = retryAfter
        self.challenge = challenge
    }

    /// What kind of problem it is: a promise to programs.
    enum Code: String, Sendable, CaseIterable {
        case malformed
        case invalidRequest = "invalid_request"
        case invalidCursor = "invalid_cursor"
        case unauthenticated
        case roleRequired = "role_required"
        case installationRequired = "installation_required"
        case notFound = "not_found"
        case conflict
        case requestUnanswered = "request_unanswered"
        case outdated
        case tooLarge = "too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case idempotencyKeyReused = "idempotency_key_reused"
        case tooManyRequests = "too_many_requests"
        case failed
        case unavailable

        var status: HTTPResponse.Status {
            switch self {
            case .malformed, .invalidRequest, .invalidCursor: .badRequest
            case .unauthenticated: .unauthorized
            case .roleRequired, .installationRequired: .forbidden
            case .notFound: .notFound
            case .conflict, .requestUnanswered: .conflict
            case .outdated: .preconditionFailed
            case .tooLarge: .contentTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .idempotencyKeyReused: .unprocessableContent
            case .tooManyRequests: .tooManyRequests
            case .failed: .internalServerError
            case .unavailable: .serviceUnavailable
            }
        }

        /// The same for every problem of the kind, and what to do about it.
        var title: String {
            switch self {
            case .malformed: "The request cannot be read."
            case .invalidRequest: "Something in the request is not as it has to be."
            case .invalidCursor: "The cursor is of another list; begin without one."
            case .unauthenticated: "Send an administrator key as a bearer token."
            case .roleRequired: "The key's role does not allow this."
            case .installationRequired: "The key administers one tenant, and this concerns all."
            case .notFound: "There is no such thing, or not for this key."
            case .conflict: "It cannot be done as things are."
            case .requestUnanswered:
                "The request was sent before, and how it ended is not known; look what it did."
            case .outdated: "It was changed since you looked at it."
            case .tooLarge: "The body is too long."
            case .unsupportedMediaType: "The body has to be application/json."
            case .idempotencyKeyReused: "Another request had this idempotency key."
            case .tooManyRequests: "Too many requests; wait a while."
            case .failed: "Something went wrong here."
            case .unavailable: "It cannot be done just now; try again."
            }
        }
    }
}

extension Problem {
    /// What an error means to whoever called.
    init(_ error: any Error, at endpoint: AdminEndpoint?) {
        switch error {
        case let problem as Problem: self = problem
        case let error as OperationError: self.init(error, at: endpoint)
        case let error as ClientRefusal:
            self.init(
                .invalidRequest, endpoint?.translated(error.description) ?? error.description)
        case let error as JSONError:
            self.init(.malformed, "The body is not a JSON object: \(error).")
        case RequestBodyError.unsupportedMediaType:
            self.init(.unsupportedMediaType, Code.unsupportedMediaType.title)
        default: self.init(Failure(error))
        }
    }

    private init(_ failure: Failure) {
        switch failure {
        case .refused, .unreadable: self.init(.malformed, Code.malformed.title)
        case .tooLarge: self.init(.tooLarge, Code.tooLarge.title)
        case .temporary(let seconds, _):
            self.init(.unavailable, Code.unavailable.title, retryAfter: seconds)
        case .limited(let seconds, _):
            self.init(.tooManyRequests, Code.tooManyRequests.title, retryAfter: seconds)
        case .http, .fault: self.init(.failed, Code.failed.title)
        }
    }

    private init(_ error: OperationError, at endpoint: AdminEndpoint?) {
        let code: Code =
            switch error.code {
            case .failed: .failed
            case .wrongUse: .invalidRequest
            case .notFound: .notFound
            case .conflict: .conflict
            case .outdated: .outdated
            case .unavailable: .unavailable
            }
        guard let endpoint else {
            self.init(code, error.description)
            return
        }
        let member =
            endpoint.members.first { $0.argument == error.argument }
            ?? endpoint.onlyMember(namedIn: error.description)
        let pointer = member.map { endpoint.takesBody ? "/" + $0.name : $0.name }
        self.init(code, endpoint.translated(error.description), at: pointer)
    }

    /// True if the same request may be done later.
    var isTemporary: Bool { [.unavailable, .tooManyRequests].contains(code) }

    /// The answer, with the id under which the log tells more.
    func answer(base: BaseURL, requestID: String) -> AdminAnswer {
        let body = JSONWriter.object { json in
            json.add("type", "\(base.text)/api/v1/docs#problem-\(code.rawValue)")
            json.add("title", code.title)
            json.add("status", Int64(code.status.code))
            json.add("detail", detail)
            json.add("code", code.rawValue)
            if let pointer { json.add("pointer", pointer) }
            json.add("request_id", requestID)
        }
        var answer = AdminAnswer(status: code.status, body: body)
        if let retryAfter { answer.headers[.retryAfter] = String(retryAfter) }
        if let challenge { answer.headers[.wwwAuthenticate] = challenge }
        return answer
    }
}

extension AdminEndpoint {
    /// The member that a sentence names by its option, if it names one of them.
    fileprivate func onlyMember(namedIn sentence: String) -> Member? {
        let options = sentence.matches(of: /--[a-z][a-z-]*/).map { String($0.output) }
        let named = members.filter { options.contains($0.option) }
        return named.count == 1 ? named.first : nil
    }

    /// A sentence in which options of the command line have the names that they have here.
    func translated(_ sentence: String) -> String {
        sentence.replacing(
            /--[a-z][a-z-]*/,
            with: { match -> String in
                let option = String(match.output)
                let member = members.first { $0.option == option }
                return member?.name ?? String(option.dropFirst(2)).replacing("-", with: "_")
            })
    }
}
