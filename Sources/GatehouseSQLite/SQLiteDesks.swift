import GRDB
import GatehouseSQL
import Synchronization

/// Connections for single questions, which are answered on the thread that asks.
///
/// Looking up a key takes less time than waking another thread for it.
final class SQLiteDesks: Sendable {
    private let desks: [Desk]
    private let turn = Atomic<Int>(0)

    /// Opens so many connections to the file that the pool has open already.
    init(_ path: String, count: Int) throws {
        desks = try (0..<max(count, 1)).map { _ in try Desk(path) }
    }

    /// Runs the body on one of the connections; another question may be ahead there.
    func ask<Value>(_ body: (Transaction) throws -> Value) throws -> Value {
        let (_, turn) = turn.wrappingAdd(1, ordering: .relaxed)
        return try desks[Int(UInt(bitPattern: turn) % UInt(desks.count))].ask(body)
    }

    func close() throws {
        for desk in desks { try desk.close() }
    }
}

/// One connection, and whoever uses it at the moment.
///
/// Unchecked: GRDB's queue lets one in at a time, and the connection is touched in there only.
private final class Desk: @unchecked Sendable {
    private let queue: DatabaseQueue
    private let connection: SQLiteConnection

    init(_ path: String) throws {
        queue = try SQLiteFile.openForQuestions(path)
        connection = queue.unsafeRead { SQLiteConnection($0) }
    }

    func ask<Value>(_ body: (Transaction) throws -> Value) throws -> Value {
        try queue.unsafeRead { _ in
            try Transaction(on: connection, isQuestion: true).run(body)
        }
    }

    func close() throws {
        try queue.close()
    }
}
