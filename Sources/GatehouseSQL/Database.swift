/// A transactional store.
///
/// Bodies are synchronous: nothing can be awaited while a transaction is open, so no network
/// call, no signature and no second transaction can hide inside one. A body may run more than
/// once (after a deadlock, for one), so it must touch nothing but its transaction.
///
/// A body that throws undoes everything it did. So an expected outcome is *returned*: throwing
/// would roll back the very revocation that it reports.
package protocol Database: Sendable {
    /// The dialect that statements are rendered for.
    var dialect: Dialect { get }

    /// How full it is where transactions wait for their turn.
    var waitingRoom: WaitingRoom { get }

    /// Runs the body in a transaction that sees one consistent state and changes nothing.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value

    /// Has one question answered that an index answers at once, such as what a key belongs to.
    ///
    /// One statement sees one state by itself: there is no transaction around it to open and to
    /// end, and no thread to wait for where the file is at hand. The body asks once; asking again
    /// is an error.
    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value

    /// Runs the body in a transaction that is durable when this returns.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value

    /// Calls the action whenever a transaction, of this process or another, announced a change.
    ///
    /// An announcement can be lost, with the connection for one: it makes things faster, and nothing
    /// may depend on it.
    func onAnnouncedChange(_ action: @escaping @Sendable () -> Void)

    /// How the database fares, for whoever looks after it.
    func condition() async throws -> DatabaseCondition

    /// Finishes the transactions under way and closes every connection.
    func close() async
}

/// How many transactions wait for a database, and how many may.
package struct WaitingRoom: Sendable, Hashable {
    package let waiting: Int
    package let places: Int

    package init(waiting: Int, places: Int) {
        self.waiting = waiting
        self.places = places
    }

    /// True from a quarter on: what can wait for later should not come in any more, so that there
    /// is room for what cannot.
    package var isCrowded: Bool { waiting >= max(1, places / 4) }
}

/// What a driver provides: run one statement on the connection that owns the transaction.
package protocol SQLConnection {
    var dialect: Dialect { get }

    /// Runs the statement and tells how many rows it changed.
    func execute(_ sql: SQL) throws -> Int

    /// Runs the statement and returns its rows.
    func query(_ sql: SQL) throws -> [Row]

    /// Runs the statement now or together with the next one; what is wrong with it shows then.
    func send(_ sql: SQL) throws

    /// Runs the statement now or together with the next one; what it returns tells how many rows
    /// were changed, and runs it at the latest.
    func submit(_ sql: SQL) throws -> () throws -> Int

    /// Tells every process on this database, once the transaction is committed.
    func announceChange() throws
}

/// One open transaction.
///
/// It is not `Sendable`, so it cannot leave the closure it was given to.
///
/// A statement that fails ends it: every later statement throws the same error, and so does the
/// transaction, whatever the body makes of it. PostgreSQL works like that, so SQLite does too.
package final class Transaction {
    private let connection: any SQLConnection
    private var failure: (any Error)?
    /// Whether it is for a single question, and whether that was asked.
    private let isQuestion: Bool
    private var isOver = false

    /// A transaction on a connection, or what stands for one around a single question.
    package init(on connection: any SQLConnection, isQuestion: Bool = false) {
        self.connection = connection
        self.isQuestion = isQuestion
    }

    package var dialect: Dialect { connection.dialect }

    /// Runs the statement and tells how many rows it changed.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try attempt(sql, connection.execute)
    }

    /// Runs a statement of which nobody needs to know what it changed.
    ///
    /// Where the database is at the other end of a network, it goes out with the next statement or
    /// with the end of the transaction, which saves a trip there and back. What is wrong with it
    /// shows then.
    package func send(_ sql: SQL) throws {
        try attempt(sql, connection.send)
    }

    /// Runs a statement whose outcome is asked for later, so that others may go out with it.
    package func submit(_ sql: SQL) throws -> Submitted {
        let changes = try attempt(sql, connection.submit)
        return Submitted { try self.attempt { try changes() } }
    }

    /// The rows of a query.
    package func rows(_ sql: SQL) throws -> [Row] {
        try attempt(sql, isQuery: true, connection.query)
    }

    /// The first row of a query.
    package func row(_ sql: SQL) throws -> Row? {
        try rows(sql).first
    }

    /// Tells every process on this database that something was changed that it may keep in
    /// memory, once the transaction is committed.
    package func announceChange() throws {
        if let failure { throw failure }
        try connection.announceChange()
    }

    /// Runs a body, and throws if one of its statements failed, even if the body caught that.
    package func run<Value>(_ body: (Transaction) throws -> Value) throws -> Value {
        let value = try body(self)
        if let failure { throw failure }
        return value
    }

    private func attempt<Value>(
        _ sql: SQL, isQuery: Bool = false, _ run: (SQL) throws -> Value
    ) throws -> Value {
        try attempt {
            if isQuestion {
                guard isQuery, !isOver else {
                    throw DatabaseError.statement("More than a question.")
                }
                isOver = true
            }
            // SQLite would keep a NUL and PostgreSQL refuses it, so neither gets to see one.
            guard !sql.hasNUL else { throw DatabaseError.statement("A text holds a NUL.") }
            return try run(sql)
        }
    }

    private func attempt<Value>(_ run: () throws -> Value) throws -> Value {
        if let failure { throw failure }
        do {
            return try run()
        } catch {
            failure = error
            throw error
        }
    }
}

/// A statement that was run, or goes out with the next one.
package struct Submitted {
    fileprivate let changes: () throws -> Int

    /// True if it changed exactly one row.
    package func changedOne() throws -> Bool {
        try changes() == 1
    }
}
