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
            let connection = try begin(mode)
            do {
                let value = try Transaction(on: connection).run(body)
                try connection.commit(mode)
                return value
            } catch {
                let isRetriable = connection.isRetriable
                connection.rollBack()
                if connection.isLost { self.connection = nil }
                guard isRetriable, retries > 0 else { throw error }
                retries -= 1
                // The other one needs a moment to take the lock that this one has given back.
                Thread.sleep(forTimeInterval: .random(in: 0.005...0.02))
            }
        }
    }

    private func begin(
        _ mode: PostgresConnection.Mode
    ) throws(DatabaseError) -> PostgresConnection {
        if let connection {
            do {
                try connection.begin(mode)
                return connection
            } catch {
                // It broke while it was idle. Nothing was asked yet, so a new one may be asked.
                self.connection = nil
            }
        }
        let connection = try backoff.connect { () throws(DatabaseError) in
            try PostgresConnection(settings)
        }
        try connection.begin(mode)
        self.connection = connection
        return connection
    }
}
