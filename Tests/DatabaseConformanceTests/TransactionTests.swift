import GatehouseSQL
import Testing

extension Conformance {
    @Suite struct `Transactions` {
        @Test(arguments: Backend.available)
        func `a body that throws undoes everything it did`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: BodyFailure(number: 7)) {
                    try await database.write { transaction in
                        try insert("lost", in: transaction)
                        throw BodyFailure(number: 7)
                    }
                }
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `an outcome that is returned commits`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let outcome = try await database.write { transaction in
                    try insert("kept", in: transaction)
                    return "refused, and written down"
                }
                #expect(outcome == "refused, and written down")
                #expect(try await names(in: database) == ["kept"])
            }
        }

        @Test(arguments: Backend.available)
        func `a body that asks nothing works`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                let written = try await database.write { _ in 1 }
                let read = try await database.read { _ in 2 }
                #expect(written == 1)
                #expect(read == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `a body sees what it wrote`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let seen = try await database.write { transaction in
                    try insert("mine", in: transaction)
                    return try transaction.rows("SELECT name FROM item").count
                }
                #expect(seen == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `a body that throws undoes only itself`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let outcomes = await concurrently(64) { number in
                    try await database.write { transaction in
                        try insert("item \(number)", in: transaction)
                        if number.isMultiple(of: 3) { throw BodyFailure(number: number) }
                        return number
                    }
                }
                for (number, outcome) in outcomes.enumerated() {
                    if number.isMultiple(of: 3) {
                        #expect(throws: BodyFailure(number: number)) { try outcome.get() }
                    } else {
                        #expect(try outcome.get() == number)
                    }
                }
                let expected = (0..<64).filter { !$0.isMultiple(of: 3) }.map { "item \($0)" }
                #expect(try await Set(names(in: database)) == Set(expected))
            }
        }

        @Test(arguments: Backend.available)
        func `one of many claims a one-time thing`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("code", in: $0) }
                let outcomes = await concurrently(64) { number in
                    try await database.write { transaction in
                        try transaction.execute(
                            """
                            UPDATE item SET claimed_by = \(number)
                            WHERE name = \("code") AND claimed_by IS NULL
                            """)
                    }
                }
                let counts = try outcomes.map { try $0.get() }
                #expect(counts.filter { $0 == 1 }.count == 1)
                #expect(counts.filter { $0 == 0 }.count == 63)
                let holder = try await database.read { try $0.row("SELECT claimed_by FROM item") }
                let winner = counts.firstIndex(of: 1).map(Int64.init)
                #expect(try holder?.integer("claimed_by") == winner)
            }
        }

        @Test(arguments: Backend.available)
        func `a read sees one state throughout`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("first", in: $0) }
                let gate = Gate()
                async let counts = database.read { transaction in
                    let before = try transaction.rows("SELECT name FROM item").count
                    gate.pass()
                    return [before, try transaction.rows("SELECT name FROM item").count]
                }
                await gate.arrival()
                try await database.write { try insert("second", in: $0) }
                gate.open()
                #expect(try await counts == [1, 1])
                #expect(try await names(in: database).count == 2)
            }
        }

        @Test(arguments: Backend.available)
        func `a read cannot write`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.read { try insert("sneaked in", in: $0) }
                }
                #expect(error?.kind == .statement)
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `nothing is accepted after closing`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                await database.close()
                await database.close()
                await #expect(throws: DatabaseError.unavailable("The database is closed.")) {
                    try await database.read { _ in }
                }
                await #expect(throws: DatabaseError.unavailable("The database is closed.")) {
                    try await database.write { _ in }
                }
            }
        }
    }
}

/// The table that these tests write to.
func createTable(in database: any Database) async throws {
    try await database.write { transaction in
        _ = try transaction.execute(
            """
            CREATE TABLE item (
                name \(type: .text) NOT NULL PRIMARY KEY,
                claimed_by \(type: .integer),
                parent \(type: .text) REFERENCES item (name),
                data \(type: .bytes)
            )\(type: .endOfTable)
            """)
    }
}

func insert(_ name: String, in transaction: Transaction) throws {
    _ = try transaction.execute("INSERT INTO item (name) VALUES (\(name))")
}

func names(in database: any Database) async throws -> [String] {
    try await database.read { transaction in
        try transaction.rows("SELECT name FROM item ORDER BY name").map { try $0.text("name") }
    }
}
