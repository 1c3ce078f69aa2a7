@preconcurrency import Dispatch
import Foundation
import GRDB
package import GatehouseSQL
import Synchronization

/// A database in one file, for one process.
///
/// Single questions are answered on the thread that asks. Reads run side by side, each on a thread with a connection of its own. Writes run one after
/// another on the one thread that writes; those that wait at the same time share a commit. Nothing
/// is answered before the commit is on the disk.
package final class SQLiteDatabase: GatehouseSQL.Database {
    /// How much may happen at a time.
    package struct Limits: Sendable {
        /// How many reads run side by side.
        package var readers = 2
        /// How many writes share a commit at most.
        package var group = 128
        /// How many reads, and how many writes, may wait; one more is refused.
        package var waiting = 4096
        /// After how many changed rows the WAL is copied into the database: a row is about a page
        /// of 4 KiB for its table and one for each index, so the WAL stays at some megabytes.
        package var checkpointRows = 1000

        package init() {}
    }

    /// Where the file is.
    let path: String
    private let pool: DatabasePool
    private let desks: SQLiteDesks
    private let reads: WorkQueue<PendingRead>
    /// How many reads, and how many writes, may wait.
    private let places: Int
    private let writer: SQLiteWriter
    /// The threads, so that ``close()`` can wait for them.
    private let threads = DispatchGroup()
    private let isClosed = Atomic<Bool>(false)

    package var dialect: Dialect { .sqlite }

    /// How many transactions have written since the file was opened.
    package var commits: Int { writer.commits }

    /// How many writes wait for the one under way.
    package var waitingWrites: Int { writer.queue.count }

    package var waitingRoom: WaitingRoom {
        WaitingRoom(waiting: max(writer.queue.count, reads.count), places: places)
    }

    private init(_ path: String, pool: DatabasePool, desks: SQLiteDesks, limits: Limits) {
        self.path = path
        self.pool = pool
        self.desks = desks
        places = limits.waiting
        reads = WorkQueue(limit: limits.waiting)
        writer = SQLiteWriter(limits)
        start("sqlite-writer") { [pool, writer] in
            pool.writeWithoutTransaction { writer.run(on: SQLiteConnection($0)) }
        }
        for number in 1...max(limits.readers, 1) {
            start("sqlite-reader-\(number)") { [pool, reads] in
                while !PendingRead.serve(reads, from: pool) {}
            }
        }
    }

    deinit {
        reads.close()
        writer.queue.close()
    }

    /// Opens the database in a file, readable for its owner only, and creates it if need be.
    ///
    /// - Throws: ``DatabaseError/unusable(_:)`` if it is no database, or if SQLite does not keep
    ///   to the settings that make a commit durable.
    package static func open(
        file path: String, limits: Limits = Limits()
    ) throws -> SQLiteDatabase {
        // One more than the threads have is for the online backup.
        let pool = try SQLiteFile.open(path, readers: limits.readers + 1)
        let desks = try SQLiteDesks(path, count: limits.readers)
        return SQLiteDatabase(path, pool: pool, desks: desks, limits: limits)
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try reads.add(
                    PendingRead { connection in
                        continuation.resume(with: Result { try connection.get().read(body) })
                    })
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        guard !isClosed.load(ordering: .relaxed) else {
            throw DatabaseError.unavailable("The database is closed.")
        }
        do {
            return try desks.ask(body)
        } catch {
            throw DatabaseError.translating(error)
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try writer.queue.add(PendingWrite(body, continuation))
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// No other process has the file: what is announced is this one's own.
    package func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {
        writer.onAnnouncedChange(action)
    }

    /// Copies the database, as it is at one moment, to a new file that only its owner can read.
    ///
    /// Writes go on meanwhile (SQLite's online backup).
    package func copy(to path: String) async throws {
        let target = try SQLiteFile.open(path, readers: 1)
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { [pool] in
                let outcome = Result {
                    try pool.backup(to: target)
                    try Self.close(target)
                }
                continuation.resume(with: outcome.mapError(DatabaseError.translating))
            }
        }
    }

    package func close() async {
        let isFirst = !isClosed.exchange(true, ordering: .sequentiallyConsistent)
        reads.close()
        writer.queue.close()
        await withCheckedContinuation { continuation in
            threads.notify(queue: .global()) { [pool, desks] in
                // Losing an error is right: what is committed stays in the WAL, and is read from
                // there when the file is opened again.
                guard isFirst else { return continuation.resume() }
                // A connection that only read has nothing to lose either.
                try? desks.close()
                // As said above.
                try? Self.close(pool)
                continuation.resume()
            }
        }
    }

    private static func close(_ pool: DatabasePool) throws {
        try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try pool.close()
    }

    /// Starts a thread that does nothing but this.
    private func start(_ name: String, _ run: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            run()
            threads.leave()
        }
        thread.name = name
        thread.start()
    }
}

/// A read that waits for a thread.
private struct PendingRead: Sendable {
    /// Runs it on a connection, if there is one, and tells its caller the outcome.
    let run: @Sendable (Result<SQLiteConnection, any Error>) -> Void

    /// Reads until the queue is closed and empty: true; false if there is no connection to be had,
    /// which whoever waited was told.
    static func serve(_ queue: WorkQueue<PendingRead>, from pool: DatabasePool) -> Bool {
        do {
            try pool.unsafeRead { database in
                let connection = SQLiteConnection(database)
                while let works = queue.next(upTo: 1) {
                    for work in works { work.run(.success(connection)) }
                }
            }
            return true
        } catch {
            guard let works = queue.next(upTo: .max) else { return true }
            for work in works { work.run(.failure(DatabaseError.translating(error))) }
            return false
        }
    }
}

extension SQLiteConnection {
    /// Runs the body in a transaction that sees one state of the database.
    fileprivate func read<Value>(_ body: (Transaction) throws -> Value) throws -> Value {
        _ = try execute("BEGIN DEFERRED")
        defer {
            // Losing the error is right: a transaction that has changed nothing has nothing to lose.
            _ = try? execute("ROLLBACK")
        }
        return try Transaction(on: self).run(body)
    }
}
