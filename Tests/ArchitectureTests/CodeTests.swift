import Testing

/// Code that stops the process or hides a failure.
private func problems(ofCrashesIn file: SwiftFile) -> [Problem] {
    let crashes = file.code(
        matching: /\btry!|\bas!|\bfatalError\(|\bpreconditionFailure\(/,
        advice: "This ends the process for everybody. Throw, or make the case impossible.")
    let silence = file.code(
        matching: /\btry\?/, advice: "Say in a comment above why losing this error is right."
    ).filter { file.comment(at: $0.line).isEmpty }
    return crashes + silence
}

/// Output that bypasses the log.
private func problems(ofOutputIn file: SwiftFile) -> [Problem] {
    guard !file.path.hasPrefix("Sources/gatehouse/") else { return [] }
    return file.code(
        matching: /(?:^|[^\w.])(?:print|debugPrint|dump)\(/,
        advice: "Only the command writes to standard output. Log it, or return it.")
}

/// Promises without an issue, and code that was put aside.
private func problems(ofCommentsIn file: SwiftFile) -> [Problem] {
    let promise = /\b(?:TODO|FIXME)\b(?!\(#\d+\))/.asciiWords
    let code =
        #/
        ^//\s*(?:[\w.]+\(.*\)|(?:\w+\s)*(?:let|var)\s\w+(?::\s[^=]+)?\s=\s.*|import\s\w+|.*\{|\}.*)$
        /#
    return file.comments.indices.compactMap { index in
        let comment = file.comments[index].trimmed
        if comment.contains("TODO") || comment.contains("FIXME"),
            comment.firstMatch(of: promise) != nil
        {
            return Problem(
                path: file.path, line: index + 1,
                advice: "Write `TODO(#123)` with the number of the issue, or do it now.")
        }
        guard comment.hasPrefix("//"), !comment.hasPrefix("///"),
            comment.firstMatch(of: code) != nil
        else { return nil }
        return Problem(
            path: file.path, line: index + 1,
            advice: "This looks like code in a comment. Remove it: the history remembers it.")
    }
}

/// Claims about concurrency that the compiler cannot check.
private func problems(ofClaimsIn file: SwiftFile) -> [Problem] {
    let drivers = ["Sources/GatehouseSQLite/", "Sources/GatehousePostgres/"]
    guard !drivers.contains(where: file.path.hasPrefix) else { return [] }
    return file.code(
        matching: /@unchecked\s+Sendable\b|\bnonisolated\(unsafe\)/,
        advice: "The compiler cannot check this. Put `// Safe: …` with the proof above it."
    ).filter { problem in
        !file.comment(at: problem.line).contains { $0.hasPrefix("// Safe:") }
    }
}

/// Commands that leave their name to the parser, which takes half a millisecond to find it, for
/// each command there is, before any of them runs.
private func problems(ofCommandsIn file: SwiftFile) -> [Problem] {
    file.code.indices.compactMap { index in
        let start = file.code[index...].prefix(2).joined()
        guard file.code[index].contains("CommandConfiguration("), !start.contains("commandName:")
        else { return nil }
        return Problem(
            path: file.path, line: index + 1,
            advice: "Begin with `commandName:`: without it, every command starts slower.")
    }
}

/// The first type of a file, if nothing tells what it is.
private func problems(ofDocumentationIn file: SwiftFile) -> [Problem] {
    let type = /^(?:[\w@]+(?:\([^)]*\))?\s+)*(?:struct|class|enum|actor|protocol)\s/
    guard let index = file.code.firstIndex(where: { $0.firstMatch(of: type) != nil }) else {
        return []
    }
    var above = index - 1
    while above >= 0, file.code[above].hasPrefix("@") { above -= 1 }
    guard above < 0 || !file.comments[above].trimmed.hasPrefix("///") else { return [] }
    return [
        Problem(
            path: file.path, line: index + 1,
            advice: "Say in a `///` comment what the type is, in a complete sentence.")
    ]
}

@Suite struct `Code` {
    @Test func `does not end the process and hides no failure`() {
        expectNone(Checkout.sources.flatMap(problems(ofCrashesIn:)))
    }

    @Test func `writes to standard output in the command only`() {
        expectNone(Checkout.sources.flatMap(problems(ofOutputIn:)))
    }

    @Test func `is not commented out, and promises carry an issue`() {
        expectNone((Checkout.sources + Checkout.tests).flatMap(problems(ofCommentsIn:)))
    }

    @Test func `proves what the compiler cannot check`() {
        expectNone(Checkout.sources.flatMap(problems(ofClaimsIn:)))
    }

    @Test func `names each command`() {
        expectNone(Checkout.sources.flatMap(problems(ofCommandsIn:)))
    }

    @Test func `says what each main type is`() {
        expectNone(Checkout.sources.flatMap(problems(ofDocumentationIn:)))
    }

    @Test(arguments: ["try! f()", "a as! B", "fatalError(\"a\")", "let a = try? f()"])
    func `that ends the process or hides a failure is found`(_ line: String) {
        #expect(problems(ofCrashesIn: SwiftFile("a.swift", "a()\n" + line)).map(\.line) == [2])
    }

    @Test(arguments: ["// It is gone.\nlet a = try? f()", "let a = try? f()  // It is gone."])
    func `that says why a failure does not matter is left alone`(_ text: String) {
        #expect(problems(ofCrashesIn: SwiftFile("a.swift", text)).isEmpty)
    }

    @Test func `that prints is found`() {
        #expect(problems(ofOutputIn: SwiftFile("Sources/A/a.swift", "print(1)")).count == 1)
        #expect(problems(ofOutputIn: SwiftFile("Sources/A/a.swift", "page.print(1)")).isEmpty)
        #expect(problems(ofOutputIn: SwiftFile("Sources/gatehouse/a.swift", "print(1)")).isEmpty)
    }

    @Test(arguments: [
        "TODO: later", "FIXME", "let a = f()", "f(a, b)", "if a == b {", "}", "guard f(a) else {",
        "import GRDB", "private static let a: Int = 1",
    ])
    func `in a comment is found`(_ text: String) {
        #expect(problems(ofCommentsIn: SwiftFile("a.swift", "// \(text)")).count == 1)
    }

    @Test(arguments: [
        "// Let the client try again (RFC 6749 §6).", "/// let a = f()", "// TODO(#12): later",
        "let a = \"TODO\"", "// MARK: - Rows", "// The form is `{ a }`; so be it.",
    ])
    func `is told from prose`(_ text: String) {
        #expect(problems(ofCommentsIn: SwiftFile("a.swift", text)).isEmpty)
    }

    @Test(arguments: [
        "static let configuration = CommandConfiguration(abstract: \"Link.\")",
        "static let configuration = CommandConfiguration(\n    abstract: \"Link.\")",
    ])
    func `that leaves a command without its name is found`(_ text: String) {
        #expect(!problems(ofCommandsIn: SwiftFile("A.swift", text)).isEmpty)
    }

    @Test(arguments: [
        "static let configuration = CommandConfiguration(commandName: \"link\")",
        "static let configuration = CommandConfiguration(\n    commandName: \"link\")",
    ])
    func `that names a command is left alone`(_ text: String) {
        #expect(problems(ofCommandsIn: SwiftFile("A.swift", text)).isEmpty)
    }

    @Test func `that claims without proof is found`() {
        let claim = "final class A: @unchecked Sendable {}"
        let proof = "// Safe: nothing changes\n// after it is made.\n"
        #expect(problems(ofClaimsIn: SwiftFile("Sources/A/a.swift", claim)).count == 1)
        #expect(problems(ofClaimsIn: SwiftFile("Sources/A/a.swift", proof + claim)).isEmpty)
        #expect(problems(ofClaimsIn: SwiftFile("Sources/GatehouseSQLite/a.swift", claim)).isEmpty)
    }

    @Test func `that says nothing about its main type is found`() {
        let type = "@MainActor\npackage final class A {}"
        #expect(problems(ofDocumentationIn: SwiftFile("a.swift", type)).map(\.line) == [2])
        #expect(problems(ofDocumentationIn: SwiftFile("a.swift", "// A\nenum A {}")).count == 1)
        #expect(problems(ofDocumentationIn: SwiftFile("a.swift", "/// An A.\n" + type)).isEmpty)
    }
}
