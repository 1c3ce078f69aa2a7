import Foundation
import GatehouseSQL
import GatehouseSQLite
import Testing

extension Conformance {
    @Suite struct `SQLite` {
        @Test func `writes that wait together share a commit`() async throws {
            try await withSQLite { database in
                try await createTable(in: database)
                let before = database.commits
                let outcomes = try await queue(64, in: database) { number, transaction in
                    try insert("item \(number)", in: transaction)
                }
                for outcome in outcomes { try outcome.get() }
                // The one that held the others up, and all of them together.
                #expect(database.commits - before == 2)
                #expect(try await names(in: database).count == 64)
            }
        }

        @Test func `a group has a bound`() async throws {
            var limits = SQLiteDatabase.Limits()
            limits.group = 16
            try await withSQLite(limits) { database in
                try await createTable(in: database)
                let before = database.commits
                let outcomes = try await queue(64, in: database) { number, transaction in
                    try insert("item \(number)", in: transaction)
                }
                for outcome in outcomes { try outcome.get() }
                #expect(database.commits - before == 5)
            }
        }

        @Test func `a body that throws does not cost the others their commit`() async throws {
            try await withSQLite { database in
                try await createTable(in: database)
                let before = database.commits
                let outcomes = try await queue(64, in: database) { number, transaction in
                    try insert("item \(number / 2)", in: transaction)
                }
                #expect(outcomes.filter { (try? $0.get()) != nil }.count == 32)
                #expect(database.commits - before == 2)
                #expect(try await names(in: database).count == 32)
            }
        }

        @Test func `what does not fit on a full disk is refused and the rest is kept`()
            async throws
        {
            try await withSQLite { database in
                try await createTable(in: database)
                try await database.write { _ = try $0.rows("PRAGMA max_page_count = 24") }
                let outcomes = try await queue(32, in: database) { number, transaction in
                    let size = number.isMultiple(of: 4) ? 1_000_000 : 10
                    try transaction.execute(
                        """
                        INSERT INTO item (name, data)
                        VALUES (\("item \(number)"), \([UInt8](repeating: 1, count: size)))
                        """)
                }
                for (number, outcome) in outcomes.enumerated() {
                    guard number.isMultiple(of: 4) else { return try outcome.get() }
                    let error = #expect(throws: DatabaseError.self) { try outcome.get() }
                    #expect(error?.kind == .storageFull)
                }
                #expect(try await names(in: database).count == 24)

                try await database.write { _ = try $0.rows("PRAGMA max_page_count = 100000") }
                try await database.write { try insert("later", in: $0) }
                #expect(try await names(in: database).count == 25)
            }
        }

        @Test func `a full disk refuses a write that is alone`() async throws {
            try await withSQLite { database in
                try await createTable(in: database)
                try await database.write { _ = try $0.rows("PRAGMA max_page_count = 10") }
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try insert("undone", in: transaction)
                        let data = [UInt8](repeating: 1, count: 1_000_000)
                        try transaction.execute("UPDATE item SET data = \(data)")
                    }
                }
                #expect(error?.kind == .storageFull)
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test func `one write too many is refused at once`() async throws {
            var limits = SQLiteDatabase.Limits()
            limits.waiting = 2
            try await withSQLite(limits) { database in
                let gate = Gate()
                async let first: Void = database.write { _ in gate.pass() }
                await gate.arrival()
                #expect(!database.waitingRoom.isCrowded)
                async let waiting = concurrently(2) { _ in try await database.write { _ in } }
                await until { database.waitingWrites == 2 }
                #expect(database.waitingRoom == WaitingRoom(waiting: 2, places: 2))
                #expect(database.waitingRoom.isCrowded)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { _ in }
                }
                #expect(error?.kind == .unavailable)
                gate.open()
                try await first
                for outcome in await waiting { try outcome.get() }
            }
        }

        @Test func `closing waits for the writes that were accepted`() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/test.db"
                let database = try SQLiteDatabase.open(file: file)
                try await createTable(in: database)
                let gate = Gate()
                async let first: Void = database.write { transaction in
                    gate.pass()
                    try insert("first", in: transaction)
                }
                await gate.arrival()
                async let second: Void = database.write { try insert("second", in: $0) }
                await until { database.waitingWrites == 1 }
                async let closed: Void = database.close()
                gate.open()
                try await first
                try await second
                await closed
                #expect(size(of: file + "-wal") == 0)
                try await closing(SQLiteDatabase.open(file: file)) { database in
                    let names = try await names(in: database)
                    #expect(names == ["first", "second"])
                }
            }
        }

        @Test func `commits are synced to the disk and foreign keys hold`() async throws {
            try await withSQLite { database in
                let settings = try await database.write { transaction in
                    let pragmas: [SQL] = [
                        "PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA journal_mode",
                        "PRAGMA wal_autocheckpoint", "PRAGMA mmap_size",
                    ]
                    return try pragmas.map { try transaction.row($0)?.values.first }
                }
                #expect(
                    settings == [.integer(2), .integer(1), .text("wal"), .integer(0), .integer(0)])
            }
        }

        @Test func `the log is copied into the database when it has grown`() async throws {
            var limits = SQLiteDatabase.Limits()
            limits.checkpointRows = 10
            try await withTemporaryDirectory { directory in
                let file = directory + "/test.db"
                try await closing(SQLiteDatabase.open(file: file, limits: limits)) { database in
                    try await createTable(in: database)
                    let before = size(of: file)
                    for number in 0..<11 {
                        try await database.write { transaction in
                            let name = "item \(number)"
                            let data = [UInt8](repeating: 1, count: 10_000)
                            try transaction.execute(
                                "INSERT INTO item (name, data) VALUES (\(name), \(data))")
                        }
                    }
                    #expect(size(of: file) >= before + 100_000)
                }
            }
        }

        @Test func `only the owner can read the files`() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/test.db"
                try "".write(toFile: file, atomically: false, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644], ofItemAtPath: file)
                try await closing(SQLiteDatabase.open(file: file)) { database in
                    try await createTable(in: database)
                    for path in [file, file + "-wal", file + "-shm"] {
                        let attributes = try FileManager.default.attributesOfItem(atPath: path)
                        #expect(attributes[.posixPermissions] as? Int == 0o600, "\(path)")
                    }
                }
            }
        }

        @Test func `a file that is no database is refused`() async throws {
            try await withTemporaryDirectory { directory in
                let file = directory + "/test.db"
                try String(repeating: "not a database ", count: 100)
                    .write(toFile: file, atomically: false, encoding: .utf8)
                let error = #expect(throws: DatabaseError.self) {
                    try SQLiteDatabase.open(file: file)
                }
                #expect(error?.kind == .unusable)
            }
        }

        @Test func `a data directory has one process`() async throws {
            try await withTemporaryDirectory { directory in
                var lock: DataDirectoryLock? = try DataDirectoryLock(directory: directory)
                #expect(lock != nil)
                let inUse = DatabaseError.unusable(
                    "The data directory \(directory) is in use by process \(getpid()).")
                #expect(throws: inUse) { try DataDirectoryLock(directory: directory) }
                lock = nil
                #expect(throws: Never.self) { try DataDirectoryLock(directory: directory) }
            }
        }
    }
}

private func withSQLite(
    _ limits: SQLiteDatabase.Limits = .init(), _ body: (SQLiteDatabase) async throws -> Void
) async throws {
    try await withTemporaryDirectory { directory in
        try await closing(
            SQLiteDatabase.open(file: directory + "/test.db", limits: limits), body)
    }
}

/// Runs writes that all wait while another one holds the writer up.
private func queue(
    _ count: Int, in database: SQLiteDatabase,
    _ body: @escaping @Sendable (Int, Transaction) throws -> Void
) async throws -> [Result<Void, any Error>] {
    let gate = Gate()
    async let first: Void = database.write { _ in gate.pass() }
    await gate.arrival()
    async let outcomes = concurrently(count) { number in
        try await database.write { try body(number, $0) }
    }
    await until { database.waitingWrites == count }
    gate.open()
    try await first
    return await outcomes
}

private func size(of file: String) -> Int {
    // Losing the error is right: a file that is not there holds nothing.
    let attributes = try? FileManager.default.attributesOfItem(atPath: file)
    return attributes?[.size] as? Int ?? 0
}
