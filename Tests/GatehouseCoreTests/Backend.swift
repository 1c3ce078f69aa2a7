import Foundation
import GatehousePostgres
import GatehouseSQL
import GatehouseSQLite
import Testing

/// Every suite that needs a database, one test after another.
///
/// Side by side the tests would open more connections than a PostgreSQL server takes.
@Suite(.serialized, .timeLimit(.minutes(3)))
enum UseCases {}

/// An engine to test on.
enum Backend: String, Sendable, CustomTestStringConvertible {
    case sqlite = "SQLite"
    case postgres = "PostgreSQL"

    /// SQLite always; PostgreSQL when the environment names a server.
    static let available: [Backend] = postgresURL == nil ? [.sqlite] : [.sqlite, .postgres]

    private static let postgresURL = ProcessInfo.processInfo.environment["GATEHOUSE_TEST_POSTGRES"]

    var testDescription: String { rawValue }

    /// Runs the body with an empty database that is gone afterwards.
    func withDatabase(_ body: (any Database) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            try await withTemporaryDirectory { directory in
                let database = try SQLiteDatabase.open(file: directory + "/test.db")
                try await closing(database, body)
            }
        case .postgres:
            try await withPostgresSchema { url in
                try await closing(PostgresDatabase(url: url, connections: 4), body)
            }
        }
    }

    /// Closes the database after the body, however that ends.
    private func closing<Driver: Database>(
        _ database: Driver, _ body: (Driver) async throws -> Void
    ) async throws {
        do {
            try await body(database)
        } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    private func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("gatehouse-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer {
            // Losing the error is right: the system clears its temporary files itself.
            try? FileManager.default.removeItem(at: directory)
        }
        try await body(directory.path)
    }

    /// Runs the body with the URL of an empty schema that is gone afterwards.
    private func withPostgresSchema(_ body: (String) async throws -> Void) async throws {
        let url = try #require(Self.postgresURL)
        let name = "test_" + UUID().uuidString.lowercased().replacing("-", with: "")
        let owner = try await PostgresDatabase.connect(url: url, connections: 1)
        try await closing(owner) { owner in
            try await owner.write { transaction in
                try transaction.execute(
                    """
                    CREATE FUNCTION pg_temp.run(command text, name text) RETURNS void
                    LANGUAGE plpgsql AS 'BEGIN EXECUTE format(command, name); END'
                    """)
                _ = try transaction.rows("SELECT pg_temp.run('CREATE SCHEMA %I', \(name))")
            }
            let separator = url.contains("?") ? "&" : "?"
            let outcome = await Result {
                try await body(url + separator + "options=-csearch_path%3D" + name)
            }
            try await owner.write { transaction in
                _ = try transaction.rows("SELECT pg_temp.run('DROP SCHEMA %I CASCADE', \(name))")
            }
            try outcome.get()
        }
    }
}

extension Result where Failure == any Error {
    /// What the operation returns or throws.
    init(_ operation: () async throws -> Success) async {
        do {
            self = .success(try await operation())
        } catch {
            self = .failure(error)
        }
    }
}

/// Runs the operation a number of times at once, and returns the outcomes in the order of numbers.
func concurrently<Value: Sendable>(
    _ count: Int, _ operation: @escaping @Sendable (Int) async throws -> Value
) async -> [Result<Value, any Error>] {
    await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
        for number in 0..<count {
            group.addTask { (number, await Result { try await operation(number) }) }
        }
        return await group.reduce(into: [(Int, Result<Value, any Error>)]()) { $0.append($1) }
            .sorted { $0.0 < $1.0 }
            .map(\.1)
    }
}
