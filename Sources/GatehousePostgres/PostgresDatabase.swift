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

    private let queue: PostgresQueue
    private let limits: Limits
    private let threads: Int
    private let running = DispatchGroup()

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
        let settings = try PostgresSettings(url: url, limits: limits)
        self.limits = limits
        threads = max(connections, 1)
        queue = PostgresQueue(limit: limits.waiting)
        let backoff = PostgresBackoff()
        for number in 1...threads {
            running.enter()
            let thread = Thread { [queue, running] in
                let session = PostgresSession(settings, backoff)
                while let transaction = queue.next() { transaction.run(session) }
                running.leave()
            }
            thread.name = "postgres-\(number)"
            thread.start()
        }
    }

    deinit {
        queue.close(threads: threads)
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

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await run(.write, body)
    }

    /// Lets the transactions under way finish, refuses those that wait, and disconnects.
    package func close() async {
        queue.close(threads: threads)
        await withCheckedContinuation { continuation in
            running.notify(queue: .global()) { continuation.resume() }
        }
    }

    private func run<Value: Sendable>(
        _ mode: PostgresConnection.Mode,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.add(
                PendingTransaction(deadline: .now + limits.queue) { session in
                    continuation.resume(with: Result { try session.run(mode, body) })
                } refuse: { error in
                    continuation.resume(throwing: error)
                })
        }
    }
}
