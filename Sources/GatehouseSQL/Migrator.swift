/// One step of the schema: its name, and the statements that take it.
package struct Migration: Sendable {
    /// Number and words, such as `0001-first`; never changed once released.
    package let name: String
    package let statements: [SQL]

    package init(_ name: String, _ statements: [SQL]) {
        self.name = name
        self.statements = statements
    }
}

/// Brings a database to the schema that this program needs.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    package init(_ migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Runs the migrations that the database has not had.
    ///
    /// All of them run in one transaction, so that a crash leaves the old schema or the new one.
    /// Nodes that start together wait for each other.
    ///
    /// - Returns: The names of the migrations that were run.
    /// - Throws: ``DatabaseError/unusable(_:)`` if the database had a migration that this program
    ///   does not know: it is newer, and an older program could harm it.
    package func migrate(_ database: any Database, at now: Int64) async throws -> [String] {
        try await database.write { [migrations] transaction in
            if case .postgres = transaction.dialect {
                // A request must not wait long for a lock; a schema may.
                try transaction.execute("SET LOCAL lock_timeout = 0")
                try transaction.execute("SET LOCAL statement_timeout = 0")
                // The number is the first eight bytes of "gatehous" in ASCII: any constant will do.
                _ = try transaction.rows("SELECT pg_advisory_xact_lock(7449361838205923699)")
            }
            try transaction.execute(
                """
                CREATE TABLE IF NOT EXISTS schema_migration (
                    position \(type: .integer) NOT NULL PRIMARY KEY,
                    name \(type: .text) NOT NULL,
                    migrated_at \(type: .timestamp) NOT NULL
                )\(type: .endOfTable)
                """)
            let done = try transaction.rows("SELECT name FROM schema_migration ORDER BY position")
                .map { try $0.text("name") }
            guard done.count <= migrations.count,
                zip(done, migrations).allSatisfy({ $0 == $1.name })
            else {
                throw DatabaseError.unusable(
                    "The database was migrated by a newer Gatehouse; use that version.")
            }
            for (position, migration) in migrations.enumerated().dropFirst(done.count) {
                for statement in migration.statements { try transaction.execute(statement) }
                try transaction.execute(
                    """
                    INSERT INTO schema_migration (position, name, migrated_at)
                    VALUES (\(position), \(migration.name), \(now))
                    """)
            }
            return migrations.dropFirst(done.count).map(\.name)
        }
    }
}
