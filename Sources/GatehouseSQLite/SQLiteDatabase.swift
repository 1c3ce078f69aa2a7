@preconcurrency import Dispatch
import GRDB
package import GatehouseSQL
import Synchronization

/// A database in one file, for one process.
///
/// Reads run side by side, each on a connection of its own. Writes run one after another on the
/// one connection that writes; those that wait at the same time share a commit. Nothing is
/// answered before the commit is on the disk.
package final class SQLiteDatabase: GatehouseSQL.Database {
    /// How much may happen at a time.
    package struct Limits: Sendable {
        /// How many reads run side by side.
        package var readers = 4
        /// How many writes share a commit at most.
        package var group = 128
        /// How many reads, and how many writes, may wait; one more is refused.
        package var waiting = 4096
        /// After how many changed rows the WAL is copied into the database: a row is about a page
        /// of 4 KiB for its table and one for each index, so the WAL stays at some megabytes.
        package var checkpointRows = 1000

        package init() {}
    }

    private struct State {
        var isClosed = false
        var isWriting = false
        var writes: [PendingWrite] = []
        var reads = 0
        var commits = 0
        var rowsAtCheckpoint = 0
    }

    private let pool: DatabasePool
    private let limits: Limits
    private let state = Mutex(State())
    /// Everything under way, so that ``close()`` can wait for it.
    private let underWay = DispatchGroup()

    package var dialect: Dialect { .sqlite }

    /// How many transactions have written since the file was opened.
    package var commits: Int { state.withLock { $0.commits } }

    /// How many writes wait for the one under way.
    package var waitingWrites: Int { state.withLock { $0.writes.count } }

    package var waitingRoom: WaitingRoom {
        let waiting = state.withLock { max($0.writes.count, $0.reads - limits.readers) }
        return WaitingRoom(waiting: max(0, waiting), places: limits.waiting)
    }

    private init(pool: DatabasePool, limits: Limits) {
        self.pool = pool
        self.limits = limits
    }

    /// Opens the database in a file, readable for its owner only, and creates it if need be.
    ///
    /// - Throws: ``DatabaseError/unusable(_:)`` if it is no database, or if SQLite does not keep
    ///   to the settings that make a commit durable.
    package static func open(
        file path: String, limits: Limits = Limits()
    ) throws -> SQLiteDatabase {
        SQLiteDatabase(pool: try SQLiteFile.open(path, readers: limits.readers), limits: limits)
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try state.withLock { try admitRead(&$0) }
            } catch {
                return continuation.resume(throwing: error)
            }
            pool.asyncRead { [self] reader in
                let outcome = Result {
                    try Transaction(on: SQLiteConnection(database: reader.get())).run(body)
                }
                continuation.resume(with: outcome.mapError(DatabaseError.translating))
                state.withLock { $0.reads -= 1 }
                underWay.leave()
            }
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = PendingWrite(body, continuation)
            do {
                guard try state.withLock({ try admit(write, &$0) }) else { return }
                pool.asyncWriteWithoutTransaction { [self] in runWrites(on: $0) }
            } catch {
                write.refuse(error)
            }
        }
    }

    /// Copies the database, as it is at one moment, to a new file that only its owner can read.
    ///
    /// Writes go on meanwhile (SQLite's online backup).
    package func copy(to path: String) async throws {
        let target = try SQLiteDatabase.open(file: path)
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [pool] in
                continuation.resume(
                    with: Result { try pool.backup(to: target.pool) }
                        .mapError(DatabaseError.translating))
            }
        }
        await target.close()
    }

    package func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        await withCheckedContinuation { continuation in
            underWay.notify(queue: .global()) { [pool] in
                if isFirst { Self.close(pool) }
                continuation.resume()
            }
        }
    }

    private static func close(_ pool: DatabasePool) {
        // Losing an error is right in both: what is committed stays in the WAL, and is read from
        // there when the file is opened again.
        _ = try? pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try? pool.close()  // as above
    }

    // MARK: Waiting

    private func admitRead(_ state: inout State) throws(GatehouseSQL.DatabaseError) {
        guard !state.isClosed else { throw .unavailable("The database is closed.") }
        guard state.reads < limits.readers + limits.waiting else {
            throw .unavailable("Too many reads wait for the database.")
        }
        state.reads += 1
        underWay.enter()
    }

    /// Queues the write, and tells whether the writer has to be started for it.
    private func admit(
        _ write: PendingWrite, _ state: inout State
    ) throws(GatehouseSQL.DatabaseError) -> Bool {
        guard !state.isClosed else { throw .unavailable("The database is closed.") }
        guard state.writes.count < limits.waiting else {
            throw .unavailable("Too many writes wait for the database.")
        }
        state.writes.append(write)
        guard !state.isWriting else { return false }
        state.isWriting = true
        underWay.enter()
        return true
    }

    // MARK: On the writer's queue

    private func runWrites(on database: GRDB.Database) {
        while let group = nextGroup() {
            var committer = GroupCommit(on: database)
            let answers = committer.run(group)
            state.withLock { $0.commits += committer.commits }
            for answer in answers { answer() }
            checkpointIfDue(database)
        }
        underWay.leave()
    }

    /// The writes to commit next; nil, and the writer stops, if none waits.
    private func nextGroup() -> [PendingWrite]? {
        state.withLock { state in
            guard !state.writes.isEmpty else {
                state.isWriting = false
                return nil
            }
            let group = Array(state.writes.prefix(limits.group))
            state.writes.removeFirst(group.count)
            return group
        }
    }

    /// Copies the WAL into the database when it has grown.
    ///
    /// This happens between commits, never inside one, and on the connection that writes, because
    /// checkpoints of another one can corrupt the file (the WAL-reset bug of SQLite before 3.51.3).
    private func checkpointIfDue(_ database: GRDB.Database) {
        let rows = database.totalChangesCount
        let isDue = state.withLock { state in
            guard rows - state.rowsAtCheckpoint >= limits.checkpointRows else { return false }
            state.rowsAtCheckpoint = rows
            return true
        }
        // Losing the error is right: the WAL keeps what was not copied, and the next one retries.
        if isDue { _ = try? database.checkpoint(.passive) }
    }
}
