private import GatehouseEncoding
import GatehouseCore
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird

/// Where an app of a person lists what clients ask of them from elsewhere, and answers it with them:
/// the page for that, for programs.
///
/// What is unknown, somebody else's or over is all one.
struct ApprovalsEndpoint: Sendable {
    let gatehouse: Gatehouse

    func list(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await answer(request, context) { admission in
            let questions = try await gatehouse.approveByToken.questions(
                to: admission, on: context.occasion)
            let json = JSONObject([("approvals", .array(questions.map { .object($0.shown) }))])
            return .json(json.serialized())
        }
    }

    func one(_ request: Request, _ context: TenantContext) async throws -> Response {
        try await answer(request, context) { admission in
            guard let id = BackchannelAuthentication.ID(parsing: request.lastSegment) else {
                return Self.unknown(context)
            }
            guard request.method == .post else {
                return try await show(id, to: admission, context)
            }
            let answer: ApprovalAnswer
            do {
                answer = try ApprovalAnswer(parsing: try await Self.body(of: request))
            } catch let error as OAuthError {
                return OAuthErrorAnswer(context).answer(error)
            }
            return try await decide(answer, of: id, by: admission, context)
        }
    }

    private func show(
        _ id: BackchannelAuthentication.ID, to admission: Admission, _ context: TenantContext
    ) async throws -> Response {
        let question = try await gatehouse.approveByToken.questions(
            to: admission, on: context.occasion
        ).first { $0.authentication.id == id }
        guard let question else { return Self.unknown(context) }
        return .json(question.shown.serialized())
    }

    private func decide(
        _ answer: ApprovalAnswer, of id: BackchannelAuthentication.ID, by admission: Admission,
        _ context: TenantContext
    ) async throws -> Response {
        let outcome = try await gatehouse.approveByToken.decide(
            .init(answer == .allow ? .allow : .deny, to: id), by: admission,
            on: context.occasion)
        switch outcome {
        case .decided:
            let json = JSONObject([
                ("id", .string(id.text)),
                ("decision", answer == .allow ? "allowed" : "denied"),
            ])
            return .json(json.serialized())
        case .decidedBefore:
            return OAuthErrorAnswer(context).answer(
                OAuthError(.alreadyDecided, "Somebody has answered this already."),
                status: .conflict)
        case .unknown: return Self.unknown(context)
        }
    }

    /// Answers whoever brings a good token, with the nonce for the next proof.
    private func answer(
        _ request: Request, _ context: TenantContext,
        _ work: (Admission) async throws -> Response
    ) async throws -> Response {
        do {
            guard try !request.queryParameters().contains(.accessToken) else {
                throw OAuthError(.invalidRequest, "An access token must not stand in the query.")
            }
            guard
                let token = try PresentedToken(
                    authorization: request.headers[values: .authorization], form: nil)
            else { return TokenChallenge.answer(nil, isDPoP: false) }
            let admission = try await gatehouse.approveByToken.admit(
                token, ProofPresentation(request, context), of: context.tenant,
                through: context.issuer, at: context.occasion.now)
            return try await work(admission).offering(nonce: admission.nonce)
        } catch let error as OAuthError {
            return try await gatehouse.challenge(error, to: request, context)
        }
    }

    private static func body(of request: Request) async throws -> [UInt8] {
        do {
            return try await request.bodyBytes(as: .json, upTo: BodyLimit.form)
        } catch RequestBodyError.unsupportedMediaType {
            throw OAuthError(.invalidRequest, "The body is not of the type application/json.")
        }
    }

    private static func unknown(_ context: TenantContext) -> Response {
        OAuthErrorAnswer(context).answer(
            OAuthError(.notFound, "Nothing of the kind waits for this person."),
            status: .notFound)
    }
}

extension DecideBackchannelAuthentication.Question {
    /// The question as an app reads it.
    fileprivate var shown: JSONObject {
        var json = JSONObject([
            ("id", .string(authentication.id.text)), ("client_id", .string(client.id.text)),
            ("client_name", .string(client.name.text)),
            ("scope", .string(authentication.scope.text)),
            ("resources", .array(resources.map { .string($0) })),
            ("created_at", .integer(authentication.createdAt.seconds)),
            ("expires_at", .integer(authentication.expiresAt.seconds)),
        ])
        if let message = authentication.bindingMessage {
            json.add("binding_message", .string(message.text))
        }
        return json
    }
}
