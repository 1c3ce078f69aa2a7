import GatehouseSQL

/// A database whose writes break at a chosen point, as a real one does when its disk or its
/// connection goes away.
struct FaultyDatabase: Database {
    /// Where a write breaks.
    enum Fault: Sendable, Equatable, CustomStringConvertible {
        case begin
        /// The statement of this number, counted from one.
        case statement(Int)
        case commit
        /// The commit happens, and the answer to it is lost.
        case answer

        var description: String {
            switch self {
            case .begin: "begin"
            case .statement(let number): "statement \(number)"
            case .commit: "commit"
            case .answer: "answer"
            }
        }
    }

    let sound: any Database
    let fault: Fault

    var dialect: Dialect { sound.dialect }
    var waitingRoom: WaitingRoom { sound.waitingRoom }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await sound.read(body)
    }

    func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await sound.ask(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        if fault == .begin { throw Self.away }
        let value = try await sound.write { [fault] transaction in
            let connection = FaultyConnection(transaction, fault)
            let value = try Transaction(on: connection).run(body)
            if fault == .commit { throw Self.away }
            return value
        }
        if fault == .answer { throw DatabaseError.outcomeUnknown("The answer was lost.") }
        return value
    }

    func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {
        sound.onAnnouncedChange(action)
    }

    func condition() async throws -> DatabaseCondition { try await sound.condition() }

    func close() async {
        await sound.close()
    }

    static let away = DatabaseError.unavailable("The database was made to fail.")
}

/// A connection that breaks at one statement.
private final class FaultyConnection: SQLConnection {
    private let transaction: Transaction
    private let fault: FaultyDatabase.Fault
    private var count = 0

    init(_ transaction: Transaction, _ fault: FaultyDatabase.Fault) {
        self.transaction = transaction
        self.fault = fault
    }

    var dialect: Dialect { transaction.dialect }

    func execute(_ sql: SQL) throws -> Int {
        try step()
        return try transaction.execute(sql)
    }

    func query(_ sql: SQL) throws -> [Row] {
        try step()
        return try transaction.rows(sql)
    }

    func send(_ sql: SQL) throws {
        try step()
        try transaction.send(sql)
    }

    func submit(_ sql: SQL) throws -> () throws -> Int {
        try step()
        let submitted = try transaction.submit(sql)
        return { try submitted.changedOne() ? 1 : 0 }
    }

    func announceChange() throws {
        try step()
        try transaction.announceChange()
    }

    private func step() throws {
        count += 1
        if fault == .statement(count) { throw FaultyDatabase.away }
    }
}
