@preconcurrency import Dispatch
import CLibPQ
import Foundation
import GatehouseSQL
import Synchronization

/// Waits for what other processes announce, on a connection and a thread of its own.
///
/// While it has no connection it hears nothing: an announcement makes things faster, and nothing
/// depends on it.
final class PostgresListener: Sendable {
    /// How long it waits for one thing before it looks for another.
    private static let patience: Int32 = 200
    /// How long it waits before it connects again.
    private static let pause: TimeInterval = 1

    private let settings: PostgresSettings
    private let isStopped = Atomic<Bool>(false)

    init(_ settings: PostgresSettings) {
        self.settings = settings
    }

    /// Starts the thread, which calls the action for each announcement.
    func start(in threads: DispatchGroup, _ action: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [self] in
            while !isStopped.load(ordering: .relaxed) {
                listen(action)
                guard !isStopped.load(ordering: .relaxed) else { break }
                Thread.sleep(forTimeInterval: Self.pause)
            }
            threads.leave()
        }
        thread.name = "postgres-listener"
        thread.start()
    }

    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    /// Listens until the connection breaks.
    private func listen(_ action: () -> Void) {
        guard let handle = PQconnectdb(settings.connectionString) else { return }
        defer { PQfinish(handle) }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard PQstatus(handle) == CONNECTION_OK,
            let answer = PQexec(handle, "LISTEN gatehouse_change")
        else { return }
        PQclear(answer)
        // Something may have been announced while nobody listened.
        action()
        while !isStopped.load(ordering: .relaxed) {
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            guard poll(&socket, 1, Self.patience) > 0 else { continue }
            guard PQconsumeInput(handle) == 1 else { return }
            var isAnnounced = false
            while let announcement = PQnotifies(handle) {
                PQfreemem(announcement)
                isAnnounced = true
            }
            if isAnnounced { action() }
        }
    }
}
