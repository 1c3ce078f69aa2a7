import GatehouseCore
import GatehouseProtocol
import Synchronization

/// The other servers that an installation asks, answering as a test wants.
final class Elsewhere: Outbound {
    private struct State {
        var answer: Result<OutboundAnswer, OutboundFailure> = .failure(.unresolved)
        var asked: [String] = []
        var posted: [OutboundContent] = []
    }

    private let state = Mutex(State())

    /// The addresses that were asked for, in order.
    var asked: [String] { state.withLock { $0.asked } }

    /// What was posted, in order.
    var posted: [OutboundContent] { state.withLock { $0.posted } }

    /// From now on every address answers this.
    func answer(_ body: [UInt8], type: String = "application/json", status: Int = 200) {
        state.withLock {
            $0.answer = .success(OutboundAnswer(status: status, mediaType: type, body: body))
        }
    }

    /// From now on no address answers.
    func fail(_ failure: OutboundFailure) {
        state.withLock { $0.answer = .failure(failure) }
    }

    func get(
        _ request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer {
        let answer = state.withLock { state in
            state.asked.append(request.address.text)
            return state.answer
        }
        return try answer.get()
    }

    func post(
        _ content: OutboundContent, to request: OutboundRequest, at now: Timestamp
    ) async throws(OutboundFailure) -> OutboundAnswer {
        state.withLock { $0.posted.append(content) }
        return try await get(request, at: now)
    }
}
