import GatehousePostgres
import GatehouseSQL
import Synchronization
import Testing

extension Conformance {
    @Suite(.enabled(if: Backend.postgresURL != nil, "needs GATEHOUSE_TEST_POSTGRES"))
    struct `PostgreSQL` {
        @Test func `a connection that is killed is made again`() async throws {
            try await withPostgres(connections: 1) { database, url in
                try await createTable(in: database)
                let gate = Gate()
                let process = Mutex<Int64>(0)
                async let killed = Result {
                    try await database.write { transaction in
                        try insert("lost", in: transaction)
                        let row = try transaction.row("SELECT pg_backend_pid() AS pid")
                        let pid = try row?.integer("pid") ?? 0
                        process.withLock { $0 = pid }
                        gate.pass()
                        try insert("lost too", in: transaction)
                    }
                }
                await gate.arrival()
                try await kill(process.withLock { $0 }, url)
                gate.open()
                let outcome = await killed
                let error = #expect(throws: DatabaseError.self) { try outcome.get() }
                #expect(error?.kind == .unavailable)
                try await database.write { try insert("kept", in: $0) }
                #expect(try await names(in: database) == ["kept"])
            }
        }

        @Test func `a connection that is killed while idle is not noticed`() async throws {
            try await withPostgres(connections: 1) { database, url in
                let row = try await database.read { try $0.row("SELECT pg_backend_pid() AS pid") }
                try await kill(#require(row).integer("pid"), url)
                try await createTable(in: database)
            }
        }

        @Test func `a connection that breaks in a commit leaves the outcome open`() async throws {
            try await withPostgres(connections: 1) { database, _ in
                try await createTable(in: database)
                try await database.write { transaction in
                    try transaction.execute(
                        """
                        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'
                        """)
                    try transaction.execute(
                        """
                        CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON item
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
                        """)
                }
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try insert("who knows", in: $0) }
                }
                #expect(error?.kind == .outcomeUnknown)
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test func `a constraint that fails in the commit is a constraint error`() async throws {
            try await withPostgres(connections: 1) { database, _ in
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try transaction.execute(
                            """
                            CREATE TABLE node (
                                name TEXT PRIMARY KEY,
                                parent TEXT REFERENCES node (name) DEFERRABLE INITIALLY DEFERRED)
                            """)
                        try transaction.execute("INSERT INTO node VALUES (\("a"), \("b"))")
                    }
                }
                #expect(error?.kind == .constraint)
            }
        }

        @Test func `a statement that takes too long is stopped`() async throws {
            var limits = PostgresDatabase.Limits()
            limits.statement = .milliseconds(50)
            try await withPostgres(connections: 1, limits) { database, _ in
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.read { try $0.rows("SELECT pg_sleep(60)") }
                }
                #expect(error?.kind == .timedOut)
                try await createTable(in: database)
            }
        }

        @Test func `a lock is not waited for too long`() async throws {
            var limits = PostgresDatabase.Limits()
            limits.lock = .milliseconds(50)
            try await withPostgres(connections: 2, limits) { database, _ in
                try await createTable(in: database)
                try await database.write { try insert("a", in: $0) }
                let gate = Gate()
                async let holder: Void = database.write { transaction in
                    try transaction.execute("UPDATE item SET claimed_by = \(1)")
                    gate.pass()
                }
                await gate.arrival()
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try $0.execute("UPDATE item SET claimed_by = \(2)") }
                }
                #expect(error?.kind == .timedOut)
                gate.open()
                try await holder
            }
        }

        @Test func `a deadlock is retried`() async throws {
            try await withPostgres(connections: 2) { database, _ in
                try await createTable(in: database)
                try await database.write { transaction in
                    try ["a", "b"].forEach { try insert($0, in: transaction) }
                }
                let gates = [Gate(), Gate()]
                let attempts = Mutex(0)
                async let outcomes = concurrently(2) { number in
                    try await database.write { transaction in
                        attempts.withLock { $0 += 1 }
                        for name in number == 0 ? ["a", "b"] : ["b", "a"] {
                            try transaction.execute(
                                "UPDATE item SET claimed_by = \(number) WHERE name = \(name)")
                            gates[number].pass()
                        }
                    }
                }
                for gate in gates { await gate.arrival() }
                for gate in gates { gate.open() }
                for outcome in await outcomes { try outcome.get() }
                #expect(attempts.withLock { $0 } > 2)
            }
        }

        @Test func `one transaction too many is refused at once`() async throws {
            var limits = PostgresDatabase.Limits()
            limits.waiting = 2
            try await withPostgres(connections: 1, limits) { database, _ in
                let gate = Gate()
                async let first: Void = database.write { _ in gate.pass() }
                await gate.arrival()
                #expect(!database.waitingRoom.isCrowded)
                async let waiting = concurrently(2) { _ in try await database.read { _ in } }
                await until { database.waiting == 2 }
                #expect(database.waitingRoom == WaitingRoom(waiting: 2, places: 2))
                #expect(database.waitingRoom.isCrowded)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.read { _ in }
                }
                #expect(error?.kind == .unavailable)
                gate.open()
                try await first
                for outcome in await waiting { try outcome.get() }
            }
        }

        @Test func `a transaction that has waited too long is refused`() async throws {
            var limits = PostgresDatabase.Limits()
            limits.queue = .zero
            try await withPostgres(connections: 1, limits) { database, _ in
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.read { _ in }
                }
                #expect(error?.kind == .unavailable)
            }
        }

        @Test func `closing lets what runs finish and refuses what waits`() async throws {
            try await withPostgres(connections: 1) { database, _ in
                let gate = Gate()
                async let running = database.write { _ in
                    gate.pass()
                    return "finished"
                }
                await gate.arrival()
                async let waiting = Result { try await database.read { _ in } }
                await until { database.waiting == 1 }
                async let closed: Void = database.close()
                let refused = await waiting
                let error = #expect(throws: DatabaseError.self) { try refused.get() }
                #expect(error?.kind == .unavailable)
                gate.open()
                let outcome = try await running
                #expect(outcome == "finished")
                await closed
            }
        }

        @Test func `commits that the disk need not confirm are refused`() async throws {
            try await withPostgresSchema { url in
                let error = await #expect(throws: DatabaseError.self) {
                    _ = try await PostgresDatabase.connect(
                        url: url + "%20-csynchronous_commit%3Doff", connections: 1)
                }
                #expect(error?.kind == .unusable)
            }
        }

        @Test func `more statements than are kept still work`() async throws {
            try await withPostgres(connections: 1) { database, _ in
                // The same text with nulls in other places is another statement to the server.
                for number in 0..<600 {
                    let sum = try await database.read { transaction in
                        let sum = (0..<10).reduce("0" as SQL) { sum, bit in
                            let value: Int? = number & 1 << bit == 0 ? nil : 1 << bit
                            return "\(sum) + coalesce(\(value), 0)"
                        }
                        return try transaction.row("SELECT \(sum) AS sum")?.integer("sum")
                    }
                    #expect(sum == Int64(number))
                }
            }
        }
    }
}

private func withPostgres(
    connections: Int, _ limits: PostgresDatabase.Limits = .init(),
    _ body: (PostgresDatabase, String) async throws -> Void
) async throws {
    try await withPostgresSchema { url in
        let database = try PostgresDatabase(url: url, connections: connections, limits: limits)
        try await closing(database) { try await body($0, url) }
    }
}

/// Ends a process of the server from another connection, and waits until it is gone.
private func kill(_ process: Int64, _ url: String) async throws {
    try await closing(PostgresDatabase(url: url, connections: 1)) { database in
        try await database.read { transaction in
            _ = try transaction.rows("SELECT pg_terminate_backend(\(process)::integer, 5000)")
        }
    }
}
