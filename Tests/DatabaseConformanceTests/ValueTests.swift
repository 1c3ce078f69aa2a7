import GatehouseSQL
import Testing

extension Conformance {
    @Suite struct `Values` {
        static let texts = [
            "", "a", "'; DROP TABLE kept; --", "e\u{301}", "\u{e9}", "\u{1F469}\u{200D}\u{1F680}",
            "\u{FEFF}bom", "line\r\nline", "\\x00", "\u{10FFFF}",
            String(repeating: "ü", count: 70_000),
        ]
        static let bytes: [[UInt8]] = [
            [], [0], [0, 0], Array(0...255), Array("\\x".utf8),
            Array(repeating: 0xFF, count: 70_000),
        ]
        static let table: SQL =
            "CREATE TABLE kept (t \(type: .text), i \(type: .integer))\(type: .endOfTable)"
        static let values: [SQLValue] =
            [.null, .integer(0), .integer(-1), .integer(.min), .integer(.max)]
            + texts.map(SQLValue.text) + bytes.map(SQLValue.bytes)

        @Test(arguments: Backend.available)
        func `every value comes back as it was`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await database.write { transaction in
                    try transaction.execute(
                        """
                        CREATE TABLE kept (
                            number \(type: .integer) NOT NULL PRIMARY KEY,
                            i \(type: .integer), t \(type: .text), b \(type: .bytes)
                        )\(type: .endOfTable)
                        """)
                    for (number, value) in Self.values.enumerated() {
                        try transaction.execute(
                            """
                            INSERT INTO kept (number, i, t, b) VALUES (\(number),
                            \(value.integer), \(value.text), \(value.bytes))
                            """)
                    }
                }
                let rows = try await database.read { transaction in
                    try transaction.rows("SELECT i, t, b FROM kept ORDER BY number")
                }
                #expect(rows.count == Self.values.count)
                for (row, value) in zip(rows, Self.values) {
                    #expect(row.names == ["i", "t", "b"])
                    #expect(try row.optionalInteger("i") == value.integer)
                    #expect(try row.optionalText("t").map { Array($0.utf8) } == value.utf8)
                    #expect(try row.optionalBytes("b") == value.bytes)
                }
            }
        }

        @Test(arguments: Backend.available)
        func `a text with a NUL is refused`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                await #expect(throws: DatabaseError.statement("A text holds a NUL.")) {
                    try await database.read { try $0.rows("SELECT \("a\0b") AS text") }
                }
            }
        }

        @Test(arguments: Backend.available)
        func `a null in the place of a value is the same statement`(
            on backend: Backend
        ) async throws {
            try await backend.withDatabase { database in
                try await database.write { transaction in
                    try transaction.execute(Self.table)
                    let pairs: [(String?, Int64?)] = [(nil, 1), ("a", nil), ("b", 2), (nil, nil)]
                    for (text, integer) in pairs {
                        let count = try transaction.execute(
                            "INSERT INTO kept (t, i) VALUES (\(text), \(integer))")
                        #expect(count == 1)
                    }
                }
                let rows = try await database.read { try $0.rows("SELECT t, i FROM kept") }
                #expect(rows.count == 4)
            }
        }

        @Test(arguments: Backend.available)
        func `a column refuses a value of another type`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                try await database.write { transaction in
                    _ = try transaction.execute(Self.table)
                }
                let error = await #expect(throws: DatabaseError.self) {
                    try await database.write { transaction in
                        try transaction.execute("INSERT INTO kept (i) VALUES (\("abc"))")
                    }
                }
                #expect(error?.kind == .statement)
            }
        }

        @Test(arguments: Backend.available)
        func `a value of a type that is not stored is refused`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                await #expect(throws: DatabaseError.unexpectedColumn("number")) {
                    try await database.read { try $0.rows("SELECT 1.5 AS number") }
                }
            }
        }

        @Test(arguments: Backend.available)
        func `counts and comparisons are integers`(on backend: Backend) async throws {
            try await backend.withDatabase { database in
                let row = try await database.read { transaction in
                    try transaction.row("SELECT count(*) AS rows, 1 AS one, 2 = \(2) AS same")
                }
                #expect(try row?.integer("rows") == 1)
                #expect(try row?.integer("one") == 1)
                #expect(try row?.integer("same") == 1)
            }
        }
    }
}

extension SQLValue {
    fileprivate var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
    fileprivate var text: String? { if case .text(let value) = self { value } else { nil } }
    fileprivate var bytes: [UInt8]? { if case .bytes(let value) = self { value } else { nil } }
    fileprivate var utf8: [UInt8]? { text.map { Array($0.utf8) } }
}
