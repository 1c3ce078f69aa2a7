import Foundation
import GatehouseSQL

/// What one thread runs transactions with: a connection that is made when it is needed.
final class PostgresSession {
    /// How often a transaction is run again after a deadlock.
    private static let retries = 3

    private let settings: PostgresSettings
    private let backoff: PostgresBackoff
    private var connection: PostgresConnection?

    init(_ settings: PostgresSettings, _ backoff: PostgresBackoff) {
        self.settings = settings
        self.backoff = backoff
    }

    /// Runs the body in a transaction, and again if the server gave it up for another one's sake.
    func run<Value>(
        _ mode: PostgresConnection.Mode, _ body: (Transaction) throws -> Value
    ) throws -> Value {
        var retries = Self.retries
        while true {
            let isNew = connection == nil
            let connection = try connect()
            do {
                connection.begin(mode)
                let value = try Transaction(on: connection, isQuestion: mode == .question)
                    .run(body)
                try connection.commit(mode)
                return value
            } catch {
                let isRetriable = connection.isRetriable
                connection.rollBack()
                if connection.isLost {
                    self.connection = nil
                    // It broke while it was idle. Nothing was done yet, so a new one may be asked.
                    if !isNew, !connection.hasBegun { continue }
                }
                guard isRetriable, retries > 0 else { throw error }
                retries -= 1
                // The other one needs a moment to take the lock that this one has given back.
                Thread.sleep(forTimeInterval: .random(in: 0.005...0.02))
            }
        }
    }

    private func connect() throws(DatabaseError) -> PostgresConnection {
        if let connection { return connection }
        let made = try backoff.connect { () throws(DatabaseError) in
            try PostgresConnection(settings)
        }
        connection = made
        return made
    }
}
