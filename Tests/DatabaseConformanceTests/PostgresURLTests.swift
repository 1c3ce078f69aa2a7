import GatehousePostgres
import GatehouseSQL
import Testing

extension Conformance {
    @Suite struct `PostgreSQL's URL` {
        @Test func `a server that is away is named without the password`() async throws {
            let error = await #expect(throws: DatabaseError.self) {
                _ = try await PostgresDatabase.connect(
                    url: "postgresql://gatehouse:hunter2@127.0.0.1:1/id", connections: 2)
            }
            #expect(error?.kind == .unavailable)
            let message = error?.message ?? ""
            #expect(message.hasPrefix("PostgreSQL cannot be reached: "))
            #expect(message.contains("127.0.0.1"))
            #expect(message.contains("Connection refused"))
            #expect(!message.contains("hunter2"))
        }

        @Test func `a server that is away refuses at once and for every transaction`()
            async throws
        {
            let database = try PostgresDatabase(
                url: "postgresql://gatehouse:hunter2@127.0.0.1:1/id", connections: 4)
            try await closing(database) { database in
                for outcome in await concurrently(64, { _ in try await database.read { _ in } }) {
                    let error = #expect(throws: DatabaseError.self) { try outcome.get() }
                    #expect(error?.kind == .unavailable)
                    #expect(error?.message.contains("hunter2") == false)
                }
            }
        }

        @Test(arguments: [
            "postgresql://u:hun@ter2@127.0.0.1/id", "postgresql://u:hun/ter2@127.0.0.1/id",
            "postgresql://u:12/ter2@127.0.0.1/id", "mysql://u:hunter2@127.0.0.1/id",
            "postgresql://u:hunter2@127.0.0.1:port/id", "postgresql://u:hunter2@[::1/id",
            "postgresql://u:hunter2@127.0.0.1/id?wrong=1", "hunter2", "",
        ])
        func `a malformed URL is refused and not repeated`(url: String) throws {
            let error = #expect(throws: DatabaseError.self) {
                try PostgresDatabase(url: url, connections: 1)
            }
            #expect(error?.kind == .unusable)
            #expect(error?.message.contains("ter2") == false)
        }
    }
}
