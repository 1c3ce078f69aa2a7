package import GatehouseSQL

/// This installation: its schema, its key, and the tenant of its administrators.
package struct Instance: Sendable {
    /// Why an installation cannot be opened.
    package enum Unusable: Error, Sendable, Equatable {
        /// The database was sealed with another instance key.
        case wrongKey
    }

    private static let use = "instance/key-check"

    /// Brings the database to today's schema and checks that it belongs to the key.
    ///
    /// - Returns: The names of the migrations that were run.
    package static func open(
        _ database: any Database, key: InstanceKey, at now: Timestamp
    ) async throws -> [String] {
        // A database of another installation is left as it is, also by a newer program.
        if let stored = try await keyCheck(of: database) {
            try verify(stored, with: key)
        }
        let migrations = try await Schema.migrator.migrate(database, at: now.milliseconds)
        let check = try key.seal(Array(use.utf8), for: use)
        let stored = try await database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO instance (id, key_check, created_at) VALUES (1, \(check), \(now))
                ON CONFLICT DO NOTHING
                """)
            _ = try transaction.tenants.insert(.ofInstance(at: now))
            return try transaction.row("SELECT key_check FROM instance WHERE id = 1")?
                .bytes("key_check")
        }
        try verify(stored ?? [], with: key)
        return migrations
    }

    /// What was sealed when the database was made; nil if it is still to be made.
    private static func keyCheck(of database: any Database) async throws -> [UInt8]? {
        do {
            return try await database.read { transaction in
                try transaction.row("SELECT key_check FROM instance WHERE id = 1")?
                    .bytes("key_check")
            }
        } catch DatabaseError.statement {
            // There is no such table yet.
            return nil
        }
    }

    private static func verify(_ stored: [UInt8], with key: InstanceKey) throws {
        do {
            _ = try key.open(stored, for: use)
        } catch {
            throw Unusable.wrongKey
        }
    }

    /// The address that the installation was last served at; nil if it never was.
    package static func baseURL(_ database: any Database) async throws -> String? {
        try await database.read { transaction in
            try transaction.row("SELECT base_url FROM instance WHERE id = 1")?
                .optionalText("base_url")
        }
    }

    /// Remembers the address that the installation is served at, for commands that print it.
    package static func remember(baseURL: String, in database: any Database) async throws {
        try await database.write { transaction in
            _ = try transaction.execute(
                """
                UPDATE instance SET base_url = \(baseURL)
                WHERE id = 1 AND (base_url IS NULL OR base_url <> \(baseURL))
                """)
        }
    }
}

extension Tenant {
    /// The tenant of the installation's administrators.
    ///
    /// Its slug is none that an address can name.
    fileprivate static func ofInstance(at now: Timestamp) -> Tenant {
        Tenant(instanceNamed: Slug(stored: "_instance"), id: instance, at: now)
    }
}
