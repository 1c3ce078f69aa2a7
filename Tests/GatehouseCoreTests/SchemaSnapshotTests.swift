import Foundation
import GatehouseCore
import GatehouseSQL
import Testing

/// The schema as each engine is told to make it, next to this file: a change of it shows in review
/// as what it is.
@Suite struct `The schema` {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Schema")
    private static let isRecording =
        ProcessInfo.processInfo.environment["GATEHOUSE_TEST_RECORD"] == "1"

    private func rendered(for dialect: Dialect) -> String {
        Schema.migrations.map { migration in
            "-- \(migration.name)\n"
                + migration.statements.map { "\n" + $0.text(for: dialect) + ";\n" }
                .joined()
        }.joined(separator: "\n")
    }

    @Test(arguments: [(Dialect.sqlite, "sqlite.sql"), (.postgres, "postgres.sql")])
    func `is the one that was recorded`(dialect: Dialect, name: String) throws {
        let file = Self.folder.appendingPathComponent(name)
        let schema = rendered(for: dialect)
        if Self.isRecording { try Data(schema.utf8).write(to: file) }
        let recorded = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(
            recorded == schema,
            """
            The schema is not the one in Tests/GatehouseCoreTests/Schema/\(name). If that is \
            meant, record it: GATEHOUSE_TEST_RECORD=1 swift test --filter SchemaSnapshotTests
            """)
    }

    @Test func `has no arguments, and steps with names of their own, in order`() {
        for statement in Schema.migrations.flatMap(\.statements) {
            #expect(statement.arguments.isEmpty)
        }
        let names = Schema.migrations.map(\.name)
        #expect(names == names.sorted() && Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /\d{4}(-[a-z0-9]+)+/) != nil })
    }
}
