import Foundation
import GRDB
import GatehouseSQL

/// How the file of a database is created and opened.
enum SQLiteFile {
    /// Opens the file, creating it if need be, with the settings that Gatehouse relies on.
    static func open(_ path: String, readers: Int) throws -> DatabasePool {
        try makePrivate(path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration(readers: readers))
            try pool.writeWithoutTransaction { database in
                // GRDB lowers this to NORMAL when it turns on the WAL. A power cut could then
                // bring a spent code or a revoked token back.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try verify(database)
            }
            return pool
        } catch let error as GRDB.DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw GatehouseSQL.DatabaseError.unusable(
                "\(path) is not a SQLite database; restore it from your backup.")
        } catch {
            throw DatabaseError.translating(error)
        }
    }

    /// Opens a connection that only reads, beside a pool on the same file.
    static func openForQuestions(_ path: String) throws -> DatabaseQueue {
        do {
            var configuration = configuration(readers: 1)
            configuration.readonly = true
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch {
            throw DatabaseError.translating(error)
        }
    }

    private static func configuration(readers: Int) -> Configuration {
        var configuration = Configuration()
        configuration.label = "gatehouse.sqlite"
        configuration.maximumReaderCount = readers
        configuration.busyMode = .timeout(5)
        configuration.foreignKeysEnabled = true
        // `GroupCommit` opens and ends its transactions itself.
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { database in
            // A checkpoint must not run inside the commit that a request waits for.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            try database.execute(sql: "PRAGMA mmap_size = 0")
        }
        return configuration
    }

    private static func verify(_ database: GRDB.Database) throws {
        let settings = [
            "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1",
            "wal_autocheckpoint": "0",
        ]
        for (name, expected) in settings {
            let actual = try String.fetchOne(database, sql: "PRAGMA \(name)")
            guard actual == expected else {
                throw GatehouseSQL.DatabaseError.unusable(
                    "SQLite has \(name) = \(actual ?? "nothing") instead of \(expected).")
            }
        }
    }

    /// Makes the files readable for their owner only.
    ///
    /// SQLite gives a new `-wal` and `-shm` the permissions of the database, so it is enough that
    /// an empty file is there first.
    private static func makePrivate(_ path: String) throws {
        let descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw GatehouseSQL.DatabaseError.unavailable(
                "The database file \(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        Foundation.close(descriptor)
        for file in [path, path + "-wal", path + "-shm"] {
            guard chmod(file, 0o600) == 0 || errno == ENOENT else {
                throw GatehouseSQL.DatabaseError.unavailable(
                    "The file \(file) cannot be made private: \(String(cString: strerror(errno))).")
            }
        }
    }
}
