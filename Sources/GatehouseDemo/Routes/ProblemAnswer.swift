import GatehouseClient
import GatehouseProtocol
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

extension ProblemView.Problem: Error {}

/// Turns what went wrong into a page that says what to do next.
struct ProblemAnswer: RouterMiddleware {
    let frame: PageFrame

    func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let problem as ProblemView.Problem {
            return answer(problem, context)
        } catch let error as ClientError {
            return answer(ProblemView.Problem(error), context)
        } catch is FormParameters.Malformed {
            return answer(.foreignAnswer, context)
        }
    }

    private func answer(_ problem: ProblemView.Problem, _ context: EdgeContext) -> Response {
        context.logger.info("demo refused", metadata: ["problem": .string(problem.name)])
        let again: Link = problem == .notFound || problem == .foreignForm ? "/" : "/sign-in"
        let view = ProblemView(frame: frame, problem: problem, again: again)
        return .page(view.document, status: problem.status)
    }
}

extension ProblemView.Problem {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .answered, .foreignAnswer, .untrustworthy: .badRequest
        case .foreignForm: .forbidden
        case .notFound: .notFound
        case .unreachable: .badGateway
        }
    }

    /// What the log calls it; nothing of the request.
    fileprivate var name: String {
        switch self {
        case .answered: "error answer"
        case .foreignAnswer: "foreign answer"
        case .foreignForm: "foreign form"
        case .untrustworthy(let check): check
        case .unreachable: "provider unreachable"
        case .notFound: "not found"
        }
    }
}
