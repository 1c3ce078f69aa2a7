import ServiceLifecycle
import Synchronization

/// Goes up when the process is told to stop, so that `/readyz` says so before connections end.
final class StopSign: Service {
    private let up = Atomic<Bool>(false)

    var isUp: @Sendable () -> Bool { { self.up.load(ordering: .relaxed) } }

    func run() async throws {
        do {
            try await gracefulShutdown()
        } catch is CancellationError {
            return
        }
        up.store(true, ordering: .relaxed)
    }
}
