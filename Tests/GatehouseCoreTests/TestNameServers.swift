import GatehouseCore
import Synchronization

/// Name servers that say what a test wants.
final class TestNameServers: TextRecords {
    private struct State {
        var answer = TextRecordAnswer.unavailable
        var asked: [String] = []
    }

    private let state = Mutex(State())

    /// The names that were asked for, in order.
    var asked: [String] { state.withLock { $0.asked } }

    /// From now on this is the answer for every name.
    func answer(_ answer: TextRecordAnswer) {
        state.withLock { $0.answer = answer }
    }

    func records(at name: String) async -> TextRecordAnswer {
        state.withLock { state in
            state.asked.append(name)
            return state.answer
        }
    }
}
