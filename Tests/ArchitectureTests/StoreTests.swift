import Testing

/// Tables that belong to the instance and not to a tenant, each with the reason.
private let instanceTables = [
    "tenant": "The list of tenants itself.",
    "instance": "What the instance knows about itself.",
    "lease": "Which node does a background job; a job works for all tenants.",
    "tenant_change": "Which tenants were changed when; a node asks for all at once.",
    "schema_migration": "The schema is the same for all tenants.",
]

/// A statement that works for all tenants at once, such as the removal of expired rows, says so
/// in the comment above it.
private let allTenantsMark = "// Every tenant:"

/// Only these know that there is more than one engine.
private let targetsThatKnowDialects = ["GatehouseSQL", "GatehouseSQLite", "GatehousePostgres"]

/// The tables that a statement reads or writes, once for each time it names one.
private func tables(in sql: String) -> [String] {
    let words = sql.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map { $0.lowercased() }
    let keywords: Set<String> = ["select", "set", "values", "lateral", "with"]
    // A common table expression is `name AS (SELECT …)`: it is no table.
    let expressions = Set(
        zip(words, zip(words.dropFirst(), words.dropFirst(2))).compactMap { name, next in
            next.0 == "as" && ["select", "update", "insert", "delete"].contains(next.1) ? name : nil
        })
    return words.indices.dropLast().compactMap { index in
        let before = index > 0 ? words[index - 1] : ""
        let name = words[index + 1]
        guard ["from", "join", "into", "update"].contains(words[index]),
            !["do", "distinct", "for"].contains(before),
            !keywords.contains(name), !expressions.contains(name)
        else { return nil }
        return name
    }
}

/// The statements that could touch the rows of another tenant.
private func problems(ofScopeIn file: SwiftFile) -> [Problem] {
    file.literals.compactMap { literal in
        let sql = literal.text.trimmed
        guard sql.firstMatch(of: /^(?:SELECT|INSERT|UPDATE|DELETE|WITH)\s/) != nil else {
            return nil
        }
        let scoped = tables(in: sql).filter { instanceTables[$0] == nil }
        let mentions = sql.matches(of: /\btenant_id\b/.asciiWords).count
        guard mentions < scoped.count, !isMarked(literal.line, in: file) else { return nil }
        return Problem(
            path: file.path, line: literal.line,
            advice: """
                The statement names \(scoped.joined(separator: ", ")) and says `tenant_id` \
                \(mentions) times. Say it once for each table, or put `\(allTenantsMark) …` with \
                the reason above the statement.
                """)
    }
}

/// True if the comment above the statement that the literal is part of has the mark.
///
/// The literal may be the argument of a call that begins up to two lines above.
private func isMarked(_ line: Int, in file: SwiftFile) -> Bool {
    (max(1, line - 2)...line).contains { line in
        file.comment(at: line).contains { $0.hasPrefix(allTenantsMark) }
    }
}

/// The tables whose primary key does not begin with the tenant.
///
/// A copy that a migration makes with `AS SELECT` and drops again has none.
private func problems(ofKeysIn file: SwiftFile) -> [Problem] {
    file.literals.compactMap { literal in
        guard
            let table = literal.text.firstMatch(of: /CREATE TABLE (?:IF NOT EXISTS )?(\w+)\s*\(/)?
                .1,
            instanceTables[String(table)] == nil,
            literal.text.firstMatch(of: /PRIMARY KEY\s*\(\s*tenant_id\s*,/) == nil
        else { return nil }
        return Problem(
            path: file.path, line: literal.line,
            advice: """
                The primary key of \(table) has to begin with `tenant_id`. If the table belongs \
                to the instance, list it in StoreTests.swift with the reason.
                """)
    }
}

private func problems(ofDialectIn file: SwiftFile) -> [Problem] {
    let target = file.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
    guard !targetsThatKnowDialects.contains(target) else { return [] }
    return file.code(
        matching: /\b[dD]ialect\b/,
        advice: """
            Only \(targetsThatKnowDialects.joined(separator: ", ")) may know the dialect. Write \
            SQL that both engines understand, or give the driver a member with a name.
            """)
}

@Suite struct `The store` {
    private var core: [SwiftFile] {
        Checkout.sources.filter { $0.path.hasPrefix("Sources/GatehouseCore/") }
    }

    @Test func `is asked for the rows of one tenant at a time`() {
        expectNone(core.flatMap(problems(ofScopeIn:)))
    }

    @Test func `keeps the rows of a tenant together`() {
        expectNone(core.flatMap(problems(ofKeysIn:)))
    }

    @Test func `is the only place that knows the dialect`() {
        expectNone(Checkout.sources.flatMap(problems(ofDialectIn:)))
    }

    @Test(arguments: [
        "SELECT a FROM grant_ WHERE id = 1", "UPDATE session SET a = 1", "DELETE FROM session",
        "INSERT INTO session (id) VALUES (1) ON CONFLICT DO NOTHING",
        "SELECT a FROM session JOIN user ON user.id = session.user_id WHERE session.tenant_id = 1",
        "WITH a AS (SELECT 1) SELECT * FROM a, b JOIN session ON TRUE",
    ])
    func `is not asked across tenants unnoticed`(_ sql: String) {
        let file = SwiftFile("a.swift", "let a = f(\n    \"\(sql)\")")
        #expect(problems(ofScopeIn: file).map(\.line) == [2])
        let marked = SwiftFile("a.swift", "\(allTenantsMark) a job.\nlet a = f(\n    \"\(sql)\")")
        #expect(problems(ofScopeIn: marked).isEmpty)
    }

    @Test(arguments: [
        "SELECT 1", "SELECT slug FROM tenant ORDER BY id", "UPDATE lease SET a = 1",
        "INSERT INTO session (tenant_id) VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1",
        "WITH a AS (SELECT id FROM session WHERE tenant_id = 1) SELECT id FROM a",
    ])
    func `is asked for one tenant`(_ sql: String) {
        #expect(problems(ofScopeIn: SwiftFile("a.swift", "f(\"\(sql)\")")).isEmpty)
    }

    @Test func `gets no table whose key begins with something else`() {
        func file(_ table: String, _ key: String) -> SwiftFile {
            SwiftFile("a.swift", "\"CREATE TABLE \(table) (id TEXT, PRIMARY KEY (\(key)))\"")
        }
        #expect(problems(ofKeysIn: file("session", "id, tenant_id")).count == 1)
        #expect(problems(ofKeysIn: file("session", "tenant_id, id")).isEmpty)
        #expect(problems(ofKeysIn: file("lease", "id")).isEmpty)
    }

    @Test func `does not show its dialect`() {
        let line = "if transaction.dialect == .sqlite {}"
        #expect(problems(ofDialectIn: SwiftFile("Sources/GatehouseCore/A.swift", line)).count == 1)
        #expect(problems(ofDialectIn: SwiftFile("Sources/GatehouseSQL/A.swift", line)).isEmpty)
    }
}
