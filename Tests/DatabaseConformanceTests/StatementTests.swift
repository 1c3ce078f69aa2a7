import GatehouseSQL
import Testing

extension Conformance {
    @Suite struct `Statements` {
        @Test(arguments: [[], ["a"], ["a", "a", "b"], ["b", "a", "c", "a"], ["c", "b", "a"]])
        func `rows are put in order by a column, so that equals stand together`(
            keys: [String]
        ) throws {
            let rows = keys.enumerated().map { number, key in
                Row(names: ["n", "key"], values: [.integer(Int64(number)), .text(key)])
            }
            let sorted = try rows.sorted(by: "key")
            #expect(try sorted.map { try $0.text("key") } == keys.sorted())
            #expect(
                try sorted.grouped(by: "key", { _ in 1 }) { count, _ in count += 1 }
                    == Set(keys).sorted().map { key in keys.count { $0 == key } })
            #expect(throws: DatabaseError.self) {
                try [Row(names: ["n"], values: [.integer(1)])].sorted(by: "key")
            }
        }

        @Test(arguments: Backend.available)
        func `a key that is taken is a constraint error`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                try await database.write { try insert("kay@example.com", in: $0) }
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { try insert("kay@example.com", in: $0) }
                }
                #expect(error?.kind == .constraint)
                #expect(error?.message.contains("kay@example.com") == false)
            }
        }

        @Test(arguments: Backend.available)
        func `a missing parent is a constraint error`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try transaction.execute(
                            "INSERT INTO item (name, parent) VALUES (\("child"), \("nobody"))")
                    }
                }
                #expect(error?.kind == .constraint)
                #expect(error?.message.contains("nobody") == false)
            }
        }

        @Test(arguments: Backend.available)
        func `a missing value is a constraint error`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try transaction.execute("INSERT INTO item (claimed_by) VALUES (\(1))")
                    }
                }
                #expect(error?.kind == .constraint)
            }
        }

        @Test(arguments: Backend.available)
        func `a conflict that does nothing changes no row`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let counts = try await database.write { transaction in
                    try (0..<2).map { _ in
                        try transaction.execute(
                            "INSERT INTO item (name) VALUES (\("once")) ON CONFLICT DO NOTHING")
                    }
                }
                #expect(counts == [1, 0])
            }
        }

        @Test(arguments: Backend.available)
        func `only rows that change are counted`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let counts = try await database.write { transaction in
                    try ["a", "b", "c"].forEach { try insert($0, in: transaction) }
                    return [
                        try transaction.execute("CREATE INDEX item_claim ON item (claimed_by)"),
                        try transaction.execute("UPDATE item SET claimed_by = \(1)"),
                        try transaction.execute("SELECT name FROM item"),
                        try transaction.execute("DELETE FROM item WHERE name = \("x")"),
                        try transaction.execute("DELETE FROM item WHERE name = \("a")"),
                    ]
                }
                #expect(counts == [0, 3, 0, 0, 1])
            }
        }

        @Test(arguments: Backend.available)
        func `a change can return its rows`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let row = try await database.write { transaction in
                    try insert("a", in: transaction)
                    return try transaction.row(
                        "UPDATE item SET claimed_by = \(5) RETURNING name, claimed_by")
                }
                #expect(try row?.text("name") == "a")
                #expect(try row?.integer("claimed_by") == 5)
                let none = try await database.write { try $0.rows("DELETE FROM item") }
                #expect(none.isEmpty)
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `a wrong statement leaves the connection usable`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                for _ in 0..<8 {
                    let write = await #expect(throws: DatabaseError.self) {
                        try await database.write { try $0.execute("INSERT INTO nothing (a)") }
                    }
                    let read = await #expect(throws: DatabaseError.self) {
                        try await database.read { try $0.rows("SELECT missing FROM item") }
                    }
                    #expect(write?.kind == .statement)
                    #expect(read?.kind == .statement)
                }
                try await database.write { try insert("kept", in: $0) }
                #expect(try await names(in: database) == ["kept"])
            }
        }

        @Test(arguments: Backend.available)
        func `a failure that a body hides still undoes it`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try insert("taken", in: transaction)
                        for _ in 0..<2 {
                            do { try insert("taken", in: transaction) } catch {}
                        }
                    }
                }
                #expect(error?.kind == .constraint)
                #expect(try await names(in: database).isEmpty)
            }
        }

        @Test(arguments: Backend.available)
        func `a body may make another error of a failure`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await createTable(in: database)
                await #expect(throws: BodyFailure(number: 1)) {
                    try await database.write { transaction in
                        do {
                            try transaction.execute("INSERT INTO nothing (a)")
                        } catch {
                            throw BodyFailure(number: 1)
                        }
                    }
                }
            }
        }
    }
}
