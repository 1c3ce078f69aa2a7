import Testing

private let longestFile = 400
private let longestFunction = 40
private let largestMedian = 150

private func problems(ofSizeIn file: SwiftFile) -> [Problem] {
    guard file.lineCount > longestFile else { return [] }
    return [
        Problem(
            path: file.path, line: longestFile + 1,
            advice: """
                The file has \(file.lineCount) lines; \(longestFile) are allowed. Split it by \
                what its parts are about.
                """)
    ]
}

/// The functions and initialisers whose bodies are too long.
private func problems(ofFunctionsIn file: SwiftFile) -> [Problem] {
    functions(in: file).filter { $0.lines > longestFunction }.map { function in
        Problem(
            path: file.path, line: function.line,
            advice: """
                \(function.name) has \(function.lines) lines; \(longestFunction) are allowed. \
                Give its parts names.
                """)
    }
}

/// Each function with a body: its name, its line, and the lines between its braces.
private func functions(in file: SwiftFile) -> [(name: String, line: Int, lines: Int)] {
    let declaration = /^\s*(?:[\w@]+(?:\([^)]*\))?\s+)*(func\s+[^\s(<]+|init)\s*[?!]?\s*[<(]/
    return file.code.indices.compactMap { index in
        let line = file.code[index]
        guard line.contains("func ") || line.contains("init"),
            let match = line.firstMatch(of: declaration)
        else { return nil }
        let rest = file.code[index...].joined(separator: "\n")
        guard let lines = bodyLines(of: rest) else { return nil }
        let name = match.1.split(separator: " ").last.map(String.init) ?? "init"
        return (name, index + 1, lines)
    }
}

/// The lines between the braces of the declaration that the text begins with; nil if it has no
/// body, as in a protocol.
private func bodyLines(of text: String) -> Int? {
    var parentheses = 0
    var braces = 0
    var lines = 0
    for (index, byte) in zip(0..., text.utf8) {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["): parentheses += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): parentheses -= 1
        case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
        case UInt8(ascii: "}") where parentheses == 0 || braces > 0:
            braces -= 1
            if braces <= 0 { return braces < 0 ? nil : max(0, lines - 1) }
        case UInt8(ascii: "\n") where braces > 0: lines += 1
        case UInt8(ascii: "\n") where parentheses == 0:
            if startsDeclaration(text.utf8.dropFirst(index + 1)) { return nil }
        default: break
        }
    }
    return nil
}

/// True if a line cannot belong to the head of a declaration that began above it.
private func startsDeclaration(_ text: Substring.UTF8View) -> Bool {
    let line = Substring(text.prefix { $0 != UInt8(ascii: "\n") })
    let declaration = /^\s*(?:$|@|(?:\w+ )*(?:func|init|var|let|subscript|case)\b)/.asciiWords
    return line.firstMatch(of: declaration) != nil
}

extension SwiftFile {
    /// The lines of the file; the empty one after the last newline is none.
    var lineCount: Int {
        let endsWithNewline = code.last?.isEmpty == true && comments.last?.isEmpty == true
        return code.count - (endsWithNewline ? 1 : 0)
    }
}

@Suite struct `Sizes` {
    @Test func `of files stay below 400 lines`() {
        expectNone((Checkout.sources + Checkout.tests).flatMap(problems(ofSizeIn:)))
    }

    @Test func `of functions stay below 40 lines`() {
        expectNone(Checkout.sources.flatMap(problems(ofFunctionsIn:)))
    }

    @Test func `of half of the source files stay below 150 lines`() {
        let sizes = Checkout.sources.map(\.lineCount).sorted()
        let median = sizes.isEmpty ? 0 : sizes[sizes.count / 2]
        #expect(median <= largestMedian, "Half of the files are too long to read at a glance.")
    }

    @Test func `of a file that is too long are found`() {
        let lines = String(repeating: "let a = 1\n", count: longestFile)
        #expect(problems(ofSizeIn: SwiftFile("a.swift", lines)).isEmpty)
        #expect(problems(ofSizeIn: SwiftFile("a.swift", lines + "let b = 2\n")).count == 1)
    }

    @Test func `of a function that is too long are found`() {
        func file(_ count: Int) -> SwiftFile {
            let body = String(repeating: "        { a() }()\n", count: count)
            return SwiftFile(
                "a.swift",
                """
                protocol P {
                    func none() async throws -> Int
                    var value: Int { get }
                }
                struct S {
                    package init(
                        _ body: () -> Int = { 1 }
                    ) throws {
                \(body)    }
                    func short() { self.init() }
                }
                """)
        }
        #expect(functions(in: file(3)).map(\.lines) == [3, 0])
        #expect(problems(ofFunctionsIn: file(longestFunction)).isEmpty)
        #expect(problems(ofFunctionsIn: file(longestFunction + 1)).map(\.line) == [6])
    }
}
