import GatehouseSQL
import Testing

extension Conformance {
    @Suite struct `Migrations` {
        static let first = Migration("0001-first", ["CREATE TABLE a (n \(type: .integer))"])
        static let second = Migration(
            "0002-second", ["CREATE TABLE b (n \(type: .integer))", "INSERT INTO b (n) VALUES (1)"])

        @Test(arguments: Backend.available)
        func `each migration runs once`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                let old = Migrator([Self.first])
                let new = Migrator([Self.first, Self.second])
                #expect(try await old.migrate(database, at: 1) == ["0001-first"])
                #expect(try await old.migrate(database, at: 2) == [])
                #expect(try await new.migrate(database, at: 3) == ["0002-second"])
                #expect(try await new.migrate(database, at: 4) == [])
                let rows = try await database.read { try $0.rows("SELECT n FROM b") }
                #expect(rows.count == 1)
            }
        }

        @Test(arguments: Backend.available)
        func `a newer database is refused`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                _ = try await Migrator([Self.first, Self.second]).migrate(database, at: 1)
                for migrations in [[Self.first], [Self.second, Self.first]] {
                    let error = await #expect(throws: DatabaseError.self) {
                        try await Migrator(migrations).migrate(database, at: 2)
                    }
                    #expect(error?.kind == .unusable)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `a migration that fails leaves nothing`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                let broken = Migration(
                    "0002-broken", ["CREATE TABLE b (n \(type: .text))", "OOPS"])
                let error = await #expect(throws: DatabaseError.self) {
                    try await Migrator([Self.first, broken]).migrate(database, at: 1)
                }
                #expect(error?.kind == .statement)
                let names = try await Migrator([Self.first, Self.second]).migrate(database, at: 2)
                #expect(names == ["0001-first", "0002-second"])
            }
        }

        @Test(arguments: Backend.available)
        func `nodes that start together migrate once`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                let outcomes = await concurrently(8) { number in
                    try await Migrator([Self.first, Self.second])
                        .migrate(database, at: Int64(number))
                }
                let names = try outcomes.flatMap { try $0.get() }
                #expect(names == ["0001-first", "0002-second"])
            }
        }
    }
}
