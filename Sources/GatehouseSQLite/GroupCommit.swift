import GatehouseSQL

/// A write that waits for its turn.
struct PendingWrite: Sendable {
    /// Runs the body and returns what tells the caller, to be called once the commit is safe.
    let attempt: @Sendable (Transaction) throws -> @Sendable () -> Void
    /// Tells the caller that nothing happened, and why.
    let refuse: @Sendable (any Error) -> Void

    init<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value,
        _ continuation: CheckedContinuation<Value, any Error>
    ) {
        attempt = { transaction in
            let value = try transaction.run(body)
            return { continuation.resume(returning: value) }
        }
        refuse = { continuation.resume(throwing: $0) }
    }
}

/// Commits the writes that wait at the same time together, so that they share one sync of the disk.
///
/// They share the sync but not their fate. Each body runs in a savepoint, so one that throws
/// undoes itself only. Some errors, a full disk for one, make SQLite undo the whole transaction:
/// then every body runs again, in a transaction of its own.
struct GroupCommit {
    let connection: SQLiteConnection
    /// How many transactions were committed.
    private(set) var commits = 0

    init(on connection: SQLiteConnection) {
        self.connection = connection
    }

    /// Runs the writes in their order and returns what tells every caller its own outcome.
    mutating func run(_ writes: [PendingWrite]) -> [() -> Void] {
        if writes.count > 1, let answers = runTogether(writes) { return answers }
        return writes.map { runAlone($0) }
    }

    /// Nil if nothing was committed.
    private mutating func runTogether(_ writes: [PendingWrite]) -> [() -> Void]? {
        do {
            try begin()
            let answers = try writes.map(runInSavepoint)
            try commit()
            return answers
        } catch {
            // Whose fault it was, and whether it is one at all, shows when each body runs alone.
            rollBack()
            return nil
        }
    }

    private func runInSavepoint(_ write: PendingWrite) throws -> () -> Void {
        _ = try connection.execute("SAVEPOINT body")
        do {
            let answer = try write.attempt(Transaction(on: connection))
            _ = try connection.execute("RELEASE body")
            return answer
        } catch {
            // Without a transaction there is no savepoint left either: this throws.
            _ = try connection.execute("ROLLBACK TO body")
            _ = try connection.execute("RELEASE body")
            return { write.refuse(error) }
        }
    }

    private mutating func runAlone(_ write: PendingWrite) -> () -> Void {
        do {
            try begin()
            let answer = try write.attempt(Transaction(on: connection))
            try commit()
            return answer
        } catch {
            rollBack()
            return { write.refuse(error) }
        }
    }

    private func begin() throws {
        rollBack()
        _ = try connection.execute("BEGIN IMMEDIATE")
    }

    private mutating func commit() throws {
        do {
            _ = try connection.execute("COMMIT")
        } catch DatabaseError.storageFull where connection.lastErrorIsFailedSync {
            throw DatabaseError.outcomeUnknown("SQLite: the disk did not confirm the commit.")
        }
        commits += 1
    }

    private func rollBack() {
        guard connection.isInsideTransaction else { return }
        // Losing the error is right: the caller gets the first one, and `begin` tries this again.
        _ = try? connection.execute("ROLLBACK")
    }
}
