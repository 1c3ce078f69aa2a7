import GatehouseSQL
import Synchronization

/// The one thread that writes: it takes what waits, commits it together, and looks after the WAL.
final class SQLiteWriter: Sendable {
    let queue: WorkQueue<PendingWrite>
    private let limits: SQLiteDatabase.Limits
    private let committed = Atomic<Int>(0)
    private let announced = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ limits: SQLiteDatabase.Limits) {
        self.limits = limits
        queue = WorkQueue(limit: limits.waiting)
    }

    /// How many transactions have written.
    var commits: Int { committed.load(ordering: .sequentiallyConsistent) }

    /// Calls the action once a change is committed that was announced.
    ///
    /// It is called more often than there is something new, if what announced it was undone.
    func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {
        announced.withLock { $0 = action }
    }

    /// Writes until the queue is closed and empty.
    func run(on connection: SQLiteConnection) {
        var checkpointed = connection.changes
        while let group = queue.next(upTo: limits.group) {
            var committer = GroupCommit(on: connection)
            let answers = committer.run(group)
            committed.add(committer.commits, ordering: .sequentiallyConsistent)
            for answer in answers { answer() }
            if connection.takeAnnouncement() { announced.withLock { $0 }?() }
            if connection.changes - checkpointed >= limits.checkpointRows {
                checkpointed = connection.changes
                // Between commits, never inside one; and on this connection, because checkpoints
                // of another one can corrupt the file (the WAL-reset bug of SQLite before 3.51.3).
                connection.checkpoint()
            }
        }
    }
}
