import GatehouseSQL
import Testing

extension Conformance {
    /// Single questions, and statements that go out together.
    @Suite struct `Questions and batches` {
        @Test(arguments: Backend.available)
        func `a question is answered with what was committed`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("kept", in: $0) }
                let found = try await database.ask { transaction in
                    try transaction.row("SELECT name FROM item WHERE name = \("kept")")?
                        .text("name")
                }
                #expect(found == "kept")
            }
        }

        @Test(arguments: Backend.available)
        func `a second question is an error, and the next one is not`(
            on backend: Backend
        ) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: DatabaseError.self) {
                    try await database.ask { transaction in
                        _ = try transaction.rows("SELECT name FROM item")
                        return try transaction.rows("SELECT name FROM item").count
                    }
                }
                let count = try await database.ask { try $0.rows("SELECT name FROM item").count }
                #expect(count == 0)
            }
        }

        @Test(arguments: Backend.available)
        func `a question changes nothing that it fails at`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: DatabaseError.self) {
                    try await database.ask { try $0.rows("SELECT nothing FROM nowhere").count }
                }
                try await database.write { try insert("after", in: $0) }
                let count = try await database.ask { try $0.rows("SELECT name FROM item").count }
                #expect(count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `a question cannot change anything`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: DatabaseError.self) {
                    try await database.ask { try insert("sneaked in", in: $0) }
                }
                await #expect(throws: DatabaseError.self) {
                    try await database.ask {
                        try $0.send("INSERT INTO item (name) VALUES (\("sneaked in"))")
                    }
                }
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `many ask at a time`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let outcomes = await concurrently(200) { number in
                    if number.isMultiple(of: 4) {
                        try await database.write { try insert("item \(number)", in: $0) }
                    }
                    return try await database.ask {
                        try $0.rows("SELECT name FROM item WHERE name = \("item \(number)")").count
                    }
                }
                for (number, outcome) in outcomes.enumerated() {
                    #expect(try outcome.get() == (number.isMultiple(of: 4) ? 1 : 0))
                }
            }
        }

        @Test(arguments: Backend.available)
        func `nobody asks a closed database`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                await database.close()
                await #expect(throws: DatabaseError.self) {
                    try await database.ask { try $0.rows("SELECT 1 AS one").count }
                }
            }
        }

        @Test(arguments: Backend.available)
        func `what is sent is there when the transaction ends`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { transaction in
                    for name in ["a", "b", "c"] {
                        try transaction.send("INSERT INTO item (name) VALUES (\(name))")
                    }
                }
                #expect(try await Set(names(in: database)) == ["a", "b", "c"])
            }
        }

        @Test(arguments: Backend.available)
        func `what is sent is seen by the next statement`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let count = try await database.write { transaction in
                    try transaction.send("INSERT INTO item (name) VALUES (\("a"))")
                    return try transaction.rows("SELECT name FROM item").count
                }
                #expect(count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `what is sent and fails undoes the transaction`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try insert("lost", in: transaction)
                        try transaction.send("INSERT INTO nowhere (name) VALUES (\("b"))")
                    }
                }
                await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        // Alone, with nothing before and nothing after it.
                        try transaction.send("INSERT INTO nowhere (name) VALUES (\("b"))")
                    }
                }
                #expect(try await names(in: database).isEmpty)
                try await database.write { try insert("after", in: $0) }
                #expect(try await names(in: database) == ["after"])
            }
        }

        @Test(arguments: Backend.available)
        func `each of several that go out together tells what it changed`(
            on backend: Backend
        ) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("a", in: $0) }
                let changed = try await database.write { transaction in
                    let submitted = try ["a", "b", "a"].map { name in
                        try transaction.submit(
                            "UPDATE item SET name = \(name) WHERE name = \(name)")
                    }
                    try transaction.send("INSERT INTO item (name) VALUES (\("c"))")
                    return try submitted.map { try $0.changedOne() }
                }
                #expect(changed == [true, false, true])
                #expect(try await Set(names(in: database)) == ["a", "c"])
            }
        }

        @Test(arguments: Backend.available)
        func `an outcome asked for late is the same`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("a", in: $0) }
                let changed = try await database.write { transaction in
                    let submitted = try transaction.submit(
                        "UPDATE item SET name = \("b") WHERE name = \("a")")
                    let seen = try transaction.rows("SELECT name FROM item").count
                    let deleted = try transaction.execute("DELETE FROM item")
                    return try (submitted.changedOne(), seen, deleted)
                }
                #expect(changed == (true, 1, 1))
            }
        }
    }
}
