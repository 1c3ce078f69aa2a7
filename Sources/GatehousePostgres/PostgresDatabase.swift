import COpenSSL
@preconcurrency import Dispatch
import Foundation
package import GatehouseSQL

/// A database on a PostgreSQL server, shared by any number of Gatehouse processes.
///
/// libpq blocks, so each connection has a thread of its own, and transactions wait in one queue
/// for a thread to be free. Connections are made when they are needed, and made again when they
/// break.
package final class PostgresDatabase: Database {
    /// How much may happen at a time, and how long it may take.
    package struct Limits: Sendable {
        /// How many transactions may wait for a connection; one more is refused.
        package var waiting = 1024
        /// How long a transaction may wait for a connection.
        package var queue = Duration.seconds(10)
        /// How long a statement may take.
        package var statement = Duration.seconds(10)
        /// How long a statement may wait for a lock.
        package var lock = Duration.seconds(5)
        /// How long a transaction may do nothing.
        package var idle = Duration.seconds(10)

        package init() {}

        /// How long to wait for an answer before the server is taken for dead: longer than it may
        /// work on one.
        var patience: Duration { statement + .seconds(5) }
    }

    private let queue: WorkQueue<PendingTransaction>
    private let limits: Limits
    private let running = DispatchGroup()
    private let listener: PostgresListener

    package var dialect: Dialect { .postgres }

    /// How many transactions wait for a connection.
    package var waiting: Int { queue.count }

    package var waitingRoom: WaitingRoom {
        WaitingRoom(waiting: queue.count, places: limits.waiting)
    }

    /// Prepares the threads; the first transactions connect.
    ///
    /// - Parameters:
    ///   - url: A connection URI of libpq. Its settings win over the driver's own ones, except for
    ///     the encoding. For a server on another machine it should say `sslmode=verify-full`.
    ///   - connections: How many transactions can run side by side.
    ///   - limits: How much may wait, and for how long.
    /// - Throws: ``DatabaseError/unusable(_:)`` if the URL is malformed.
    package init(
        url: String, connections: Int, limits: Limits = Limits()
    ) throws(DatabaseError) {
        Self.keepCryptography()
        let settings = try PostgresSettings(url: url, limits: limits)
        self.limits = limits
        listener = PostgresListener(settings)
        queue = WorkQueue(limit: limits.waiting)
        let backoff = PostgresBackoff()
        for number in 1...max(connections, 1) {
            running.enter()
            let thread = Thread { [queue, running] in
                let session = PostgresSession(settings, backoff)
                while let transactions = queue.next(upTo: 1) {
                    for transaction in transactions { transaction.start(session) }
                }
                running.leave()
            }
            thread.name = "postgres-\(number)"
            thread.start()
        }
    }

    deinit {
        stop()
    }

    /// Opens the database, and makes sure that the server is there and will do.
    ///
    /// - Throws: ``DatabaseError/unavailable(_:)`` if it cannot be reached, with a sentence for
    ///   the operator that says why and never holds the password.
    package static func connect(
        url: String, connections: Int, limits: Limits = Limits()
    ) async throws -> PostgresDatabase {
        let database = try PostgresDatabase(url: url, connections: connections, limits: limits)
        do {
            try await database.read { _ in }
            return database
        } catch {
            await database.close()
            throw error
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(.read, body)
    }

    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(.question, body)
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(.write, body)
    }

    package func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {
        listener.start(in: running, action)
    }

    /// Lets the transactions under way finish, refuses those that wait, and disconnects.
    package func close() async {
        stop()
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func run<Value: Sendable>(
        _ mode: PostgresConnection.Mode,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let transaction = PendingTransaction(deadline: .now + limits.queue) { session in
                continuation.resume(with: Result { try session.run(mode, body) })
            } refuse: { error in
                continuation.resume(throwing: error)
            }
            do throws(DatabaseError) {
                try queue.add(transaction)
            } catch {
                transaction.refuse(error)
            }
        }
    }

    /// Has OpenSSL, which libpq uses, stay as it is when the process ends.
    ///
    /// It would else clean up while threads of this driver are still ending, and they would crash.
    private static func keepCryptography() {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil)
    }

    /// Refuses what waits and everything that comes, and ends the threads.
    private func stop() {
        listener.stop()
        queue.close()
        for transaction in queue.removeAll() {
            transaction.refuse(.unavailable("The database is closed."))
        }
    }
}

/// A transaction that waits for a thread.
private struct PendingTransaction: Sendable {
    /// When its caller should not have to wait any longer.
    let deadline: ContinuousClock.Instant
    /// Runs it and tells its caller the outcome.
    let run: @Sendable (PostgresSession) -> Void
    /// Tells its caller that it did not happen.
    let refuse: @Sendable (DatabaseError) -> Void

    /// Runs it, unless it waited too long.
    func start(_ session: PostgresSession) {
        if deadline > .now {
            run(session)
        } else {
            refuse(.unavailable("PostgreSQL was busy for too long."))
        }
    }
}
