import GatehouseCore
import GatehouseWeb
import HTTPTypes
import Hummingbird
import Logging

/// Turns what went wrong into a page that a person understands: one calm sentence, what to do, and
/// the id under which an operator finds the rest.
struct PageErrorAnswer: RouterMiddleware {
    let site: Site

    func handle(
        _ request: Request, context: TenantContext,
        next: @concurrent (Request, TenantContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return try answer(error, context)
        }
    }

    private func answer(_ error: any Error, _ context: TenantContext) throws -> Response {
        let frame = site.frame(at: context)
        let incident = Incident(context.occasion)
        let view = { seconds in
            UnavailableView(frame: frame, retryAfter: seconds, incident: incident).document
        }
        if error is SignIn.Lost {
            return .page(SessionExpiredView(frame: frame).document, status: .badRequest)
        }
        if error is ForeignForm {
            return .page(
                ErrorView(frame: frame, explanation: .foreignForm, incident: incident).document,
                status: .forbidden)
        }
        switch Failure(error) {
        case .refused, .unreadable:
            return .page(
                ErrorView(frame: frame, explanation: .unreadableRequest, incident: incident)
                    .document,
                status: .badRequest)
        case .tooLarge:
            return .page(
                ErrorView(frame: frame, explanation: .unreadableRequest, incident: incident)
                    .document,
                status: .contentTooLarge)
        case .temporary(let seconds, let reason):
            context.logger.warning("unavailable", metadata: ["reason": .string(reason)])
            return Response.page(view(seconds), status: .serviceUnavailable)
                .retryable(after: seconds)
        case .limited(let seconds, let limit):
            context.logger.info("refused", metadata: ["limit": .string(limit)])
            return Response.page(view(seconds), status: .tooManyRequests)
                .retryable(after: seconds)
        case .http(let error):
            throw error
        case .fault(let description):
            context.logger.error("failed", metadata: ["error": .string(description)])
            return .page(
                ErrorView(frame: frame, explanation: .fault, incident: incident).document,
                status: .internalServerError)
        }
    }
}

/// Says that we are away where not even the tenant could be looked up.
struct UnresolvedTenantPage: RouterMiddleware {
    let site: Site

    func handle(
        _ request: Request, context: EdgeContext, next: Next
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard case .temporary(let seconds, let reason) = Failure(error) else { throw error }
            context.logger.warning("unavailable", metadata: ["reason": .string(reason)])
            return Response.page(
                UnavailableView(frame: site.namelessFrame, retryAfter: seconds).document,
                status: .serviceUnavailable
            ).retryable(after: seconds)
        }
    }
}

extension Incident {
    /// The incident of a request: its id and its time.
    init(_ occasion: Occasion) {
        let moment = CalendarTime(occasion.now)
        self.init(id: occasion.requestID, timestamp: moment.timestamp, time: moment.words)
    }
}
