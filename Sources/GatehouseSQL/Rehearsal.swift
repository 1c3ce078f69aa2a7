/// A database in which everything goes as in another one, and nothing stays.
///
/// Each transaction that writes is undone at its end, so whoever rehearses learns what would come of
/// it. What several transactions do one after the other does not build on each other.
package struct Rehearsal: Database {
    private let stage: any Database

    package init(on stage: any Database) {
        self.stage = stage
    }

    /// What came of a transaction that is undone.
    private struct Over<Value: Sendable>: Error {
        let value: Value
    }

    package var dialect: Dialect { stage.dialect }
    package var waitingRoom: WaitingRoom { stage.waitingRoom }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value { try await stage.read(body) }

    package func ask<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value { try await stage.ask(body) }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        do {
            return try await stage.write { transaction -> Value in
                throw Over(value: try body(transaction))
            }
        } catch let over as Over<Value> {
            return over.value
        }
    }

    package func condition() async throws -> DatabaseCondition { try await stage.condition() }

    /// Nothing changes, so nothing is announced.
    package func onAnnouncedChange(_ action: @escaping @Sendable () -> Void) {}

    /// The database belongs to others.
    package func close() async {}
}
