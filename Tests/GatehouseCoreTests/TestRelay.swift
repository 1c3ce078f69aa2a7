import GatehouseCore
import Synchronization

/// The relay of an installation, which keeps what it is handed, or fails as a test wants.
final class TestRelay: MailRelay {
    private struct State {
        var mails: [Mail] = []
        var failure: MailFailure?
    }

    private let state = Mutex(State())

    /// What was taken, in order.
    var mails: [Mail] { state.withLock { $0.mails } }

    /// From now on no mail is taken, or every one.
    func fail(_ failure: MailFailure?) { state.withLock { $0.failure = failure } }

    func send(_ mail: Mail) async throws(MailFailure) {
        let failure = state.withLock { state in
            if state.failure == nil { state.mails.append(mail) }
            return state.failure
        }
        if let failure { throw failure }
    }
}
